const root = element.querySelector('.named'), find = (selector) => root.querySelector(selector), tell = teller(find('.explore-problem'));
const sliders = find('.named-sliders'), alone = find('[data-do=alone]');
let shown = null, searched = '', seen = false, directions = null;

const key = () => shown && JSON.stringify([shown.model, shown.label, alone.checked]);
const amounts = () => [...sliders.querySelectorAll('input')].map((input) => Number(input.value));
const asked = () => ({...shown, alone: alone.checked, amounts: amounts()});

const search = newestOnly(
  async () => {
    const of = key();
    if (!seen || !shown || of === searched) return null;
    root.dataset.state = 'busy';
    find('.named-note').textContent = 'Drawing pictures and reading them …';
    const answer = await server.search(asked());
    return of === key() && {...answer, of};
  },
  (answer) => {
    searched = answer.of;
    tell(answer.problem);
    root.dataset.state = answer.problem ? 'refused' : 'done';
    find('.named-note').textContent = '';
    if (answer.problem) return;
    directions = answer.directions;
    showSliders(answer);
    move();
  },
);
const move = newestOnly(
  async () => {
    const of = searched;
    if (!directions || of !== key()) return null;
    const answer = await server.move(asked());
    return of === key() && answer;
  },
  (answer) => {
    tell(answer.problem);
    if (!answer.problem) showMoved(answer);
  },
);

function showSliders(answer) {
  sliders.replaceChildren(...answer.directions.map((one) => {
    const box = document.createElement('div'), input = document.createElement('input'), ends = elementOf('div', '', 'named-ends');
    Object.assign(input, {type: 'range', min: -answer.farthest, max: answer.farthest, step: 0.1, value: 0});
    input.setAttribute('aria-label', `From ${one.less} to ${one.name}, standard deviations of z`);
    input.addEventListener('input', move);
    ends.append(elementOf('span', one.less), elementOf('small', `r = ${one.sure.toFixed(2)}`), elementOf('b', one.name));
    const [own, ...others] = one.changes;
    const changed = elementOf('p', '', 'named-changes');
    changed.append(elementOf('b', own), others.length ? `; also ${others.slice(0, 4).join(', ')}${others.length > 4 ? ` and ${others.length - 4} more` : ''}` : '; nothing else by half of its spread');
    changed.title = `On average from -${one.reach} to +${one.reach}. The line fits unseen pictures with a correlation of ${one.sure}.`;
    box.append(ends, input, changed);
    return box;
  }));
  find('.named-note').textContent = answer.directions.length
    ? `Of ${answer.pictures.toLocaleString('en')} pictures. Below each slider: what changes on average from -2 to +2 standard deviations. r: how well the line foretells pictures that it has not seen.`
    : 'No straight line in z foretells anything that can be read in these pictures.';
}

function showMoved(answer) {
  for (const [place, name] of ['before', 'after'].entries()) find(`[data-of=${name}]`).src = answer.pair[place];
  find('[data-of=after]').alt = `${answer.alt}, moved`;
  find('.named-read').replaceChildren(...answer.read.map((one) => {
    const item = document.createElement('li'), bar = document.createElement('i');
    bar.style.setProperty('--before', one.before);
    bar.style.setProperty('--after', one.after);
    item.append(elementOf('span', one.name), bar, elementOf('b', one.text));
    return item;
  }));
  root.dataset.moves = Number(root.dataset.moves || 0) + 1;
}

find('[data-do=reset]').addEventListener('click', () => {
  for (const input of sliders.querySelectorAll('input')) input.value = 0;
  move();
});
alone.addEventListener('change', search);

function draw() {
  shown = accepted(root, tell, props.value);
  if (!shown) return;
  if (key() === searched) move(); else search();
}
// Only where somebody looks: the server draws and reads many pictures for it.
new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  search();
}).observe(root);
watch('value', draw);
draw();
