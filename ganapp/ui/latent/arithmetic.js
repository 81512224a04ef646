const root = element.querySelector('.sum'), find = (selector) => root.querySelector(selector), tell = teller(find('.explore-problem'));
const TERMS = ['A', 'B', 'C'], EACH = 3;
let shown = null, term = 'A', chosen = {A: [], B: [], C: []}, wanted = {A: {}, B: {}, C: {}};

const add = newestOnly(
  async () => {
    const of = shown, answer = of && complete() && await server.add({model: of.model, label: of.label, seed: of.seed, ...chosen});
    return of === shown && answer;
  },
  (answer) => {
    tell(answer.problem);
    if (answer.problem || !complete()) return;
    find('.sum-result').hidden = false;
    TERMS.forEach((name, place) => { find(`[data-of=${name}]`).src = answer.means[place]; });
    find('[data-of=pixels]').src = answer.pixels;
    find('.sum-nine').replaceChildren(...answer.nine.map((source, place) => {
      const image = document.createElement('img');
      image.src = source;
      image.alt = place === 4 ? 'The picture of A − B + C' : `Neighbour ${place + 1}`;
      return image;
    }));
    find('.sum-note').textContent = `The sum's z is ${answer.length.toFixed(1)} long. Three means of three have together the spread of one z, so it lies where the generator has learned.`;
    root.dataset.sums = Number(root.dataset.sums || 0) + 1;
  },
);

const complete = () => TERMS.every((name) => chosen[name].length === EACH);

function turn(to) {
  term = to;
  for (const button of root.querySelectorAll('[data-term]')) button.setAttribute('aria-pressed', String(button.dataset.term === to));
}

function tick(place) {
  const held = TERMS.find((name) => chosen[name].includes(place));
  if (held) chosen[held] = chosen[held].filter((other) => other !== place);
  else if (chosen[term].length < EACH) chosen[term].push(place);
  else return;
  if (chosen[term].length === EACH) turn(TERMS.find((name) => chosen[name].length < EACH) || term);
  mark();
  add();
}

function mark() {
  for (const button of root.querySelectorAll('[data-term]')) button.querySelector('span').textContent = `${chosen[button.dataset.term].length}/${EACH}`;
  markReadings();
  [...find('.sum-sheet').children].forEach((button, place) => {
    const held = TERMS.find((name) => chosen[name].includes(place)) || '';
    button.dataset.held = held;
    button.setAttribute('aria-pressed', String(Boolean(held)));
  });
  if (!complete()) find('.sum-result').hidden = true;
  find('.sum-hint').textContent = complete() ? '' : `Choose ${EACH - chosen[term].length} more for ${term}.`;
}

function clear() {
  chosen = {A: [], B: [], C: []};
  wanted = {A: {}, B: {}, C: {}};
  turn('A');
  mark();
}

// The three samples that have most of all that is wanted of the term, and are not another term's: what one has least of counts.
function chooseByReadings() {
  const of = Object.entries(wanted[term]).filter(([, sign]) => sign);
  const free = shown.readings.map((_, place) => place).filter((place) => TERMS.every((name) => name === term || !chosen[name].includes(place)));
  const score = (place) => Math.min(...of.map(([k, sign]) => sign * shown.readings[place][k]));
  chosen[term] = of.length ? free.sort((a, b) => score(b) - score(a)).slice(0, EACH) : [];
  mark();
  add();
}

// A button for each reading: pressed once, more of it is wanted, twice, less, and then it does not matter.
function markReadings() {
  [...find('.sum-by').children].forEach((button, k) => {
    const sign = wanted[term][k] || 0;
    button.textContent = sign < 0 ? shown.names[k].less : shown.names[k].more;
    button.setAttribute('aria-pressed', String(Boolean(sign)));
  });
}

for (const button of root.querySelectorAll('[data-term]')) button.addEventListener('click', () => { turn(button.dataset.term); mark(); });
find('[data-do=clear]').addEventListener('click', clear);

function draw() {
  shown = accepted(root, tell, props.value);
  if (!shown) return;
  find('.sum-by').replaceChildren(...shown.names.map((_, k) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sheet-button';
    button.addEventListener('click', () => {
      wanted[term][k] = {0: 1, 1: -1, '-1': 0}[wanted[term][k] || 0];
      chooseByReadings();
    });
    return button;
  }));
  find('.sum-sheet').replaceChildren(...shown.samples.map((sample, place) => {
    const button = document.createElement('button'), image = document.createElement('img');
    button.type = 'button';
    image.src = sample.src;
    image.alt = sample.alt;
    button.append(image);
    button.addEventListener('click', () => tick(place));
    return button;
  }));
  clear();
}
watch('value', draw);
draw();
