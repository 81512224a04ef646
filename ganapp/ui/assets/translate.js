const root = element.querySelector('.translate'), find = (selector) => root.querySelector(selector);
const canvas = find('.translate-canvas'), pen = canvas.getContext('2d', {willReadFrequently: true}), problem = find('.explore-problem');
const ink = find('.translate-ink'), brush = find('.translate-brush'), file = find('.translate-upload input');
let shown = null, domain = 0, busy = false, behind = false, last = null;

function tell(sentence) {
  problem.hidden = !sentence;
  problem.textContent = sentence || '';
}

// The canvas at the model's size, halved step by step so that every pixel counts.
function small() {
  let from = canvas;
  while (from.width > shown.side) {
    const half = document.createElement('canvas');
    half.width = half.height = Math.max(shown.side, from.width / 2);
    half.getContext('2d').drawImage(from, 0, 0, half.width, half.height);
    from = half;
  }
  return from.toDataURL('image/png');
}

async function translate() {
  behind = busy;
  if (busy || !shown) return;
  busy = true;
  do {
    behind = false;
    const asked = shown;
    try {
      const answer = await server.trip({model: shown.model, domain, picture: small()});
      if (asked === shown) draw_trip(answer);
    } catch (error) {
      console.warn(error);
    }
  } while (behind);
  busy = false;
}

function draw_trip(answer) {
  tell(answer.problem);
  if (answer.problem) return;
  find('.translate-trip').replaceChildren(...answer.pictures.map((picture) => {
    const figure = document.createElement('figure'), image = document.createElement('img'), caption = document.createElement('figcaption');
    image.src = picture.src;
    image.alt = picture.alt;
    caption.textContent = picture.caption;
    figure.append(image, caption);
    return figure;
  }));
  find('.translate-note').textContent = answer.note;
  root.dataset.trips = String(Number(root.dataset.trips || 0) + 1);
}

function empty() {
  pen.fillStyle = shown.domains[domain].paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
}

function put(image, smooth) {
  const side = Math.min(image.naturalWidth, image.naturalHeight);
  empty();
  pen.imageSmoothingEnabled = smooth;
  pen.drawImage(image, (image.naturalWidth - side) / 2, (image.naturalHeight - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
  translate();
}

async function begin(source, smooth) {
  const image = new Image();
  image.src = source;
  try {
    await image.decode();
  } catch (error) {
    tell('That file is no picture that this browser can open: choose a PNG, JPEG or WebP.');
    return;
  }
  put(image, smooth);
}

function choose(example) {
  [...find('.translate-examples').children].forEach((button, i) => button.setAttribute('aria-pressed', String(i === example)));
  begin(shown.domains[domain].examples[example], false);
}

function turn(to) {
  domain = to;
  const own = shown.domains[domain];
  [...find('.translate-directions').children].forEach((button, i) => button.setAttribute('aria-checked', String(i === domain)));
  ink.value = own.ink;
  find('.translate-examples').replaceChildren(...own.examples.map((source, i) => {
    const button = document.createElement('button'), image = document.createElement('img');
    button.type = 'button';
    button.title = `Begin with this picture of ${own.name}`;
    image.src = source;
    image.alt = `${own.name} ${i + 1}`;
    button.append(image);
    button.addEventListener('click', () => choose(i));
    return button;
  }));
  const wall = find('.translate-wall');
  wall.hidden = false;
  wall.querySelector('img').src = own.wall;
  wall.querySelector('img').alt = own.alt;
  wall.querySelector('figcaption').textContent = `All ten: ${own.name}, as ${shown.domains[1 - domain].name}, and back.`;
  choose(0);
}

const place = (event) => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width * canvas.width, (event.clientY - box.top) / box.height * canvas.height];
};
function stroke(event) {
  const to = place(event);
  pen.strokeStyle = ink.value;
  pen.lineWidth = Number(brush.value) / 64 * canvas.width;
  pen.lineCap = pen.lineJoin = 'round';
  pen.beginPath();
  pen.moveTo(...last);
  pen.lineTo(...to);
  pen.stroke();
  last = to;
  translate();
}
canvas.addEventListener('pointerdown', (event) => {
  if (event.button || !shown) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  last = place(event);
  stroke(event);
});
canvas.addEventListener('pointermove', (event) => { if (last) stroke(event); });
for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, () => { last = null; });
find('.translate-clear').addEventListener('click', () => { if (shown) { empty(); translate(); } });
file.addEventListener('change', () => {
  if (!file.files.length || !shown) return;
  const address = URL.createObjectURL(file.files[0]);
  begin(address, true).finally(() => URL.revokeObjectURL(address));
  file.value = '';
});

function draw() {
  const value = props.value;
  if (!value) return;
  tell(value.problem);
  root.classList.toggle('is-refused', value.problem !== undefined);
  if (value.problem !== undefined) { shown = null; return; }
  shown = value;
  find('.translate-directions').replaceChildren(...shown.domains.map((own, i) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('role', 'radio');
    button.textContent = `${own.name} → ${shown.domains[1 - i].name}`;
    button.addEventListener('click', () => turn(i));
    return button;
  }));
  turn(Math.min(domain, 1));
}
watch('value', draw);
draw();
