const root = element.querySelector('.augmentation'), find = (selector) => root.querySelector(selector);
const tell = teller(find('.explore-problem')), go = find('.augmentation-go'), stop = find('.augmentation-stop'), csv = find('.augmentation-csv'), KEY = 'ganapp-augmentation';
const knobs = ['per_class', 'seeds', 'steps', 'gan_steps'];
let trial = null, last = null, seen = 0, timer = 0;

// One way: its draws as dots, their mean as a line with its interval behind.
function row(way, low) {
  const line = elementOf('div', '', 'augmentation-row'), track = elementOf('div', '', 'augmentation-track'), at = (percent) => `${100 * (percent - low) / (100 - low)}%`;
  const known = way.mean !== null, words = known ? way.mean.toFixed(1) + (way.interval ? ` [${way.interval[0].toFixed(1)}, ${way.interval[1].toFixed(1)}]` : '') : 'not yet';
  if (way.interval) {
    const [from, to] = [Math.max(low, way.interval[0]), Math.min(100, way.interval[1])], band = elementOf('span', '', 'augmentation-interval');
    band.style.left = at(from);
    band.style.width = `${100 * (to - from) / (100 - low)}%`;
    track.append(band);
  }
  for (const percent of way.draws) {
    const dot = elementOf('i', '');
    dot.style.left = at(percent);
    track.append(dot);
  }
  if (known) {
    const mean = elementOf('b', '');
    mean.style.left = at(way.mean);
    track.append(mean);
  }
  track.setAttribute('role', 'img');
  track.setAttribute('aria-label', `${way.title}: ${known ? `mean ${words} percent over ${way.draws.length} draws` : words}`);
  line.append(elementOf('span', way.title), track, elementOf('span', words, 'augmentation-words'));
  return line;
}

function rows(ways) {
  const seen = ways.flatMap((way) => [...way.draws, ...(way.interval || [])]), low = Math.max(0, Math.min(60, 10 * Math.floor(Math.min(...seen, 100) / 10)));
  const axis = elementOf('div', '', 'augmentation-row augmentation-axis'), scale = elementOf('div', '');
  axis.setAttribute('aria-hidden', 'true');
  for (const percent of ticks(low, 100, 5)) {
    const tick = elementOf('span', String(percent));
    tick.style.left = `${100 * (percent - low) / (100 - low)}%`;
    scale.append(tick);
  }
  axis.append(elementOf('span', ''), scale, elementOf('span', ''));
  find('.augmentation-rows').replaceChildren(...ways.map((way) => row(way, low)), axis);
}

// What the GAN of the last draw learned from, beside what it drew.
function pictures(drawn) {
  const place = find('.augmentation-drawn');
  place.hidden = !drawn;
  seen = drawn ? drawn.draw : 0;
  if (!drawn || !drawn.real) return;
  for (const [kind, words] of [['real', 'some of the real digits'], ['generated', 'what the GAN learned from all of them']]) {
    const image = find(`.augmentation-${kind}`);
    image.src = drawn[kind];
    image.nextElementSibling.textContent = `Draw ${drawn.draw}: ${words}.`;
  }
}

function status(shown) {
  const spent = `${shown.seconds.toFixed(0)} s`, all = `${shown.done} of ${shown.all} classifiers`;
  return {
    waiting: !shown.place ? 'Starting.' : shown.place === 1 ? 'Waiting: one experiment is before yours.' : `Waiting: ${shown.place} experiments are before yours.`,
    running: `${shown.now}. ${all} after ${spent}.`, done: `Done: ${all} in ${spent}.`, stopped: `Stopped: ${all} after ${spent}.`, failed: 'Not finished.',
  }[shown.state];
}

function show(shown) {
  tell(shown.problem);
  if (!shown.trial) { settle(null); root.dataset.state = 'none'; return; }
  const busy = shown.state === 'waiting' || shown.state === 'running';
  root.dataset.state = shown.state;
  root.dataset.done = shown.done;
  last = shown.trial;
  csv.hidden = !shown.done;
  pictures(shown.drawn);
  settle(busy ? shown.trial : null);
  find('.augmentation-now').textContent = status(shown);
  const bar = find('.augmentation-progress');
  bar.setAttribute('aria-valuemax', shown.all);
  bar.setAttribute('aria-valuenow', shown.done);
  bar.firstChild.style.width = `${100 * shown.done / shown.all}%`;
  rows(shown.ways);
  find('.augmentation-note').textContent = shown.note;
  clearTimeout(timer);
  if (busy) timer = setTimeout(look, 1000);
}

// Which experiment is this page's, kept so that a reload finds it again.
function settle(key) {
  trial = key;
  go.hidden = Boolean(key);
  stop.hidden = !key;
  if (key) sessionStorage.setItem(KEY, key); else sessionStorage.removeItem(KEY);
}

async function ask(name, question) {
  try {
    return await server[name](question);
  } catch (error) {
    console.warn(error);
    return null;
  }
}

async function look() {
  const asked = trial, shown = await ask('look', {trial: asked, seen});
  if (asked !== trial) return;
  if (shown) { show(shown); return; }
  tell('The app does not answer. This page keeps trying.');
  timer = setTimeout(look, 3000);
}

go.addEventListener('click', async () => {
  go.disabled = true;
  const numbers = knobs.map((name) => [name, Number(document.querySelector(`#augmentation-${name} input[type=range]`).value)]);
  const shown = await ask('start', Object.fromEntries(numbers));
  go.disabled = false;
  show(shown || {problem: 'The app did not answer: check the connection, then press Start again.'});
  if (trial) stop.focus();
});
stop.addEventListener('click', async () => {
  const shown = await ask('stop', {trial});
  if (shown) { show(shown); go.focus(); }
});
csv.addEventListener('click', async () => {
  const file = await ask('table', {trial: last});
  if (!file || file.problem) tell(file ? file.problem : 'The app did not answer: check the connection, then try again.');
  else handOver(file);
});

rows(['None', 'Classic', 'GAN', 'Both'].map((title) => ({title, draws: [], mean: null, interval: null})));
trial = sessionStorage.getItem(KEY);
if (trial) look();
