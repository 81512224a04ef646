const root = element.querySelector('.restore'), find = (selector) => root.querySelector(selector);
const tell = teller(find('.explore-problem')), slider = find('.restore-walk input'), kept = [null, null];
let newest = null;

const walk = newestOnly(
  () => kept[0] && kept[1] && server.walk({model: newest.model, a: kept[0], b: kept[1], percent: Number(slider.value)}),
  (answer) => {
    tell(answer.problem);
    if (answer.problem) return;
    find('.restore-walk').hidden = false;
    lineUp(find('.restore-between'), answer.pictures);
    root.dataset.walked = slider.value;
  },
);

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
  lineUp(find('.restore-row'), value.pictures);
  find('.restore-samples').hidden = !(value.samples || []).length;
  lineUp(find('.restore-sheets'), value.samples || []);
  find('.restore-bar i').style.width = `${value.percent}%`;
  find('.restore-bar').setAttribute('aria-valuenow', value.percent);
  find('.restore-note').textContent = value.note;
  find('.restore-keep').hidden = value.percent < 100;
  root.dataset.percent = value.percent;
  root.dataset.damage = value.damage;
  root.dataset.model = value.model;
}
watch('value', draw);
draw();
