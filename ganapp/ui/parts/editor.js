// A picture to begin with: chosen, drawn or uploaded. `changed` is called whenever it has changed, `tell` with what went wrong.
function makeEditor(editor, changed, tell) {
  const find = (selector) => editor.querySelector(selector);
  const canvas = find('.editor-canvas'), pen = canvas.getContext('2d', {willReadFrequently: true});
  const ink = find('.editor-ink'), brush = find('.editor-brush'), file = find('.editor-upload input');
  let sheet = null, last = null, asked = 0;

  // The canvas at the model's size, halved step by step so that every pixel counts.
  function small() {
    let from = canvas;
    while (from.width > sheet.side) {
      const half = document.createElement('canvas');
      half.width = half.height = Math.max(sheet.side, from.width / 2);
      half.getContext('2d').drawImage(from, 0, 0, half.width, half.height);
      from = half;
    }
    return from.toDataURL('image/png');
  }

  function empty() {
    pen.fillStyle = sheet.paper;
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }

  async function begin(source, smooth) {
    const image = new Image(), number = ++asked;
    image.src = source;
    try {
      await image.decode();
    } catch (error) {
      tell('That file is no picture that this browser can open: choose a PNG, JPEG or WebP.');
      return;
    }
    if (number !== asked) return;  // another one was chosen meanwhile
    const side = Math.min(image.naturalWidth, image.naturalHeight);
    empty();
    pen.imageSmoothingEnabled = smooth;
    pen.drawImage(image, (image.naturalWidth - side) / 2, (image.naturalHeight - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
    changed();
  }

  function press(example) {
    [...find('.editor-examples').children].forEach((button, i) => button.setAttribute('aria-pressed', String(i === example)));
  }

  function choose(example) {
    press(example);
    begin(sheet.examples[example], false);
  }

  // {side, name, examples, paper, ink}: what to begin with. The first example is chosen, but what lies on the same editor already stays.
  function lay(value) {
    const same = sheet && sheet.side === value.side && sheet.examples.join() === value.examples.join();
    sheet = value;
    if (same) return changed();
    ink.value = sheet.ink;
    find('.editor-examples').replaceChildren(...sheet.examples.map((source, i) => {
      const button = document.createElement('button'), image = document.createElement('img');
      button.type = 'button';
      button.title = `Begin with this picture of ${sheet.name}`;
      image.src = source;
      image.alt = `${sheet.name} ${i + 1}`;
      button.append(image);
      button.addEventListener('click', () => choose(i));
      return button;
    }));
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
    asked += 1;
    press(-1);
    changed();
  }
  const down = (event) => {
    if (event.button || !sheet) return;
    last = place(event);
    stroke(event);
  };
  const move = (event) => { if (last) stroke(event); };
  const up = () => { last = null; };
  canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    down(event);
  });
  canvas.addEventListener('pointermove', move);
  for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, up);
  keyedPen(canvas, {down, move, up});
  find('.editor-clear').addEventListener('click', () => { if (sheet) { asked += 1; press(-1); empty(); changed(); } });
  file.addEventListener('change', () => {
    if (!file.files.length || !sheet) return;
    press(-1);
    const address = URL.createObjectURL(file.files[0]);
    begin(address, true).finally(() => URL.revokeObjectURL(address));
    file.value = '';
  });
  return {lay, small};
}
