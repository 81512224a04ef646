const root = element.querySelector('.restore'), find = (selector) => root.querySelector(selector);
const problem = find('.explore-problem'), slider = find('.restore-walk input'), kept = [null, null];
let newest = null, busy = false, behind = false;

function tell(sentence) {
  problem.hidden = !sentence;
  problem.textContent = sentence || '';
}

async function walk() {
  behind = busy;
  if (busy || !kept[0] || !kept[1]) return;
  busy = true;
  do {
    behind = false;
    try {
      const answer = await server.walk({model: newest.model, a: kept[0], b: kept[1], percent: Number(slider.value)});
      tell(answer.problem);
      if (!answer.problem) {
        find('.restore-walk').hidden = false;
        find('.restore-walk img').src = answer.src;
        find('.restore-walk img').alt = answer.alt;
        find('.restore-walk figcaption').textContent = answer.note;
        root.dataset.walked = slider.value;
      }
    } catch (error) {
      console.warn(error);
    }
  } while (behind);
  busy = false;
}

function forget() {
  kept.fill(null);
  find('.restore-walk').hidden = true;
  for (const button of root.querySelectorAll('[data-keep]')) button.textContent = `Keep as ${'AB'[button.dataset.keep]}`;
}

for (const button of root.querySelectorAll('[data-keep]')) {
  button.addEventListener('click', () => {
    kept[Number(button.dataset.keep)] = newest.place;
    button.textContent = `${'AB'[button.dataset.keep]} is kept: keep this one instead`;
    walk();
  });
}
slider.addEventListener('input', walk);

function draw() {
  const value = props.value;
  if (!value) return;
  tell(value.problem);
  if (value.problem) return;
  if (newest && newest.model !== value.model) forget();
  newest = value;
  find('.restore-row').replaceChildren(...value.pictures.map((picture) => {
    const figure = document.createElement('figure'), image = document.createElement('img'), caption = document.createElement('figcaption');
    image.src = picture.src;
    image.alt = picture.alt;
    caption.textContent = picture.caption;
    figure.append(image, caption);
    return figure;
  }));
  find('.restore-bar i').style.width = `${value.percent}%`;
  find('.restore-bar').setAttribute('aria-valuenow', value.percent);
  find('.restore-note').textContent = value.note;
  find('.restore-keep').hidden = value.percent < 100;
  root.dataset.percent = value.percent;
}
watch('value', draw);
draw();
