const root = element.querySelector('.lab'), find = (selector) => root.querySelector(selector), known = JSON.parse(root.dataset.known);
const tell = teller(find('.explore-problem')), caption = find('.lab-caption');
const drawMain = makeCanvas(find('.lab-canvas canvas')), drawOptimal = makeCanvas(find('.lab-optimal canvas'));
const pad = makePad(find('.lab-pad'), (drawn) => { drawing = drawn; changed(); }, tell);
const id = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const LAYERS = [
  ['real', 'Real points', 'real'], ['fake', 'Generated points', 'fake'], ['discriminator', 'Discriminator', 'd'],
  ['warp', "Generator's grid", 'fake'], ['arrows', 'Gradients', 'arrow'], ['optimal', 'Optimal discriminator', 'd'],
  ['real_density', 'Real density', 'real'], ['fake_density', 'Generated density', 'fake'], ['modes', 'Modes found', 'real'],
];
// [title, what it is, [[measure, word, colour, dash]...], theory (frame) => [value, word] or nothing, digits]
const MEASURES = [
  ['Value V(D, G)', 'E log D(x) + E log(1 - D(G(z))). At the end of a perfect game it is -log 4. The optimal D is computed on a grid that blurs details finer than 0.04.',
    [['value', 'now', 'd'], ['best_value', 'optimal D (blur 0.04)', 'ink', [4, 3]]], () => [-Math.log(4), '-log 4']],
  ["Discriminator's loss", 'Next to it stands its value if real and generated points were indistinguishable.',
    [['loss', 'now', 'd']], () => [known.losses[settings.loss].indifferent, 'cannot tell']],
  ['2 JS(p, q)', 'Twice the Jensen-Shannon divergence: counted on a grid (its floor is the value for as many real points), and as the discriminator estimates it, '
    + 'log 4 minus its loss. A poor discriminator gives less than the grid; a sharp one may give more, because the grid blurs details finer than 0.04.', [['divergence', 'counted (blur 0.04)', 'ink'], ['divergence_by_discriminator', 'by D', 'd', [4, 3]]],
    (frame) => [2 * floors.divergence, 'floor']],
  ['KL(p ‖ q), blur 0.04', 'Large if the generator leaves out real points. Counted on a grid that blurs details finer than 0.04. The floor is the value for as many real points.', [['kl', 'grid', 'ink']], () => [floors.kl, 'floor']],
  ['Wasserstein distance', 'How far the generated mass must be moved: exact, between 200 points of each. A critic estimates it by the '
    + 'difference of its scores divided by its steepest slope. The floor is the distance between two samples of real points.', [['wasserstein', 'exact', 'ink'], ['wasserstein_by_critic', 'by critic', 'd', [4, 3]]],
    () => [floors.wasserstein, 'floor']],
  ['Modes found', 'Modes with at least one generated point within three standard deviations. One point is enough, so also look at the share of high quality.', [['modes', 'found', 'fake']], () => [modes, 'all'], 0],
  ['High quality', 'Share of generated points within three standard deviations of a mode.', [['high_quality', 'share', 'fake']], () => [0.989, 'of real points']],
  ['Reverse KL over modes', '0 if every mode gets equally many points.', [['reverse_kl', 'now', 'fake']], () => [0, 'even']],
  ['D(x) and D(G(z))', 'The discriminator’s mean answer for real and for generated points.', [['real_score', 'real', 'real'], ['fake_score', 'generated', 'fake', [4, 3]]],
    () => (still.probabilities ? [0.5, 'cannot tell'] : null)],
  ['Gradient norms', 'The gradient norm of each player’s weights in the last step.', [['discriminator_gradient', 'D', 'd'], ['generator_gradient', 'G', 'fake', [4, 3]]], () => null],
];
const CAPTIONS = {
  discriminator: (f) => `1. The discriminator's turn: it saw new real and generated points and took a step. Its loss is now ${said(f.measures.loss)}; `
    + `its mean answer is ${said(f.measures.real_score)} for real points and ${said(f.measures.fake_score)} for generated ones.`,
  arrows: () => '2. Through the discriminator, the generator gets a gradient at each of its points: the arrows show where each point would look more real.',
  generator: (f) => `3. The generator's turn: its weights took a step along these gradients, and the points moved. The discriminator has not adapted yet; its mean answer for them is now ${said(f.measures.fake_score)}.`,
};
let settings = null, drawing = '', on = new Set(), hidden = new Set(), preset = known.preset;
let still = null, floors = {}, modes = 0, frame = null, history = [];
let playing = false, slow = false, busy = false, wanted = null, waiting = [], pace = null, slowStep = 0, slowTimer = 0;

const said = (value) => (value === null || value === undefined ? '–' : Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(3));
const inSight = () => !document.hidden && root.offsetParent !== null;

function colours() {
  const style = getComputedStyle(root), value = (name) => style.getPropertyValue(name).trim();
  const dark = Boolean(root.closest('.dark'));
  return {real: value('--real'), fake: value('--generator'), d: value('--discriminator'), arrow: value('--gradient'), ink: value('--chart-ink'),
    grid: value('--chart-grid'), mark: value('--chart-mark'), dark};
}

// --- asking -----------------------------------------------------------------------------------------------------------

async function asking(act) {
  const sent = {...settings, drawing: settings.plane === 'drawn' ? drawing : ''};
  const layers = slow ? [...new Set([...on, 'arrows', 'fake'])] : [...on];
  const question = JSON.stringify({lab: id, settings: sent, act, layers, fresh: !still});
  const answer = await fetch(window.ganapp.addressOf('lab'), {method: 'POST', body: question, cache: 'no-store'});
  return answer.json();
}

// Acts of the visitor's hand are never given up for a look or for playing on.
const RANK = (act) => ({look: 0, play: 1}[act] ?? 2);

// One question at a time; while one is under way only the newest wish is kept, but a step is never lost to a mere look.
async function wish(act) {
  if (!settings) return;
  if (settings.plane === 'drawn' && !drawing) {
    stop();
    still = frame = null;  // nothing of the game before is about an empty sheet
    history = [];
    drawMain({style: colours(), layers: {}, found: []});
    find('.lab-optimal').hidden = true;
    find('.lab-measures').replaceChildren();
    find('.lab-scale').textContent = find('.lab-pace').textContent = '';
    caption.textContent = 'Draw a distribution on the pad, or upload a picture with dark lines; then press Play.';
    return;
  }
  const answered = new Promise((resolve) => { waiting.push(resolve); });
  if (!wanted || RANK(act) >= RANK(wanted)) wanted = act;
  if (busy) return answered;
  busy = true;
  while (wanted) {
    const now = wanted, waiters = waiting;
    wanted = null;
    waiting = [];
    try {
      const began = performance.now(), answer = await asking(now);
      receive(answer, now, performance.now() - began);
    } catch (error) {
      console.warn(error);
      stop();
      caption.textContent = 'The app did not answer. Is it still running? Press Play to try again.';
    }
    for (const resolve of waiters) resolve();
    await null;  // what waited for this answer may wish something now
    if (playing && !slow && !wanted && inSight()) wanted = 'play';
  }
  for (const resolve of waiting) resolve();
  waiting = [];
  busy = false;
  return answered;
}

function receive(answer, act, took) {
  if (answer.problem) { tell(answer.problem); stop(); return; }
  if (answer.still) {
    still = {...answer.still, real: placesOf(answer.still.real), real_density: bytesOf(answer.still.real_density), modes: placesOf(answer.still.modes || '')};
    still.probabilities = known.losses[settings.loss].probabilities;
    floors = answer.floors;
    modes = still.modes.length / 2;
  }
  if (answer.began) {
    history = [];
    if (frame && act === 'look' && !playing) caption.textContent = 'This setting changes the networks or the data, so the game starts again.';
  }
  const measured = Boolean(answer.measures);
  frame = measured || !frame ? answer : {...answer, measures: frame.measures, found: frame.found};
  if (measured) history.push({step: answer.step, ...answer.measures});
  if (history.length > 400) history = history.filter((_, i) => i % 2 === 0 || i === history.length - 1);
  if (act === 'play') {
    const fresh = {rounds: answer.rounds / took * 1000, frames: 1000 / took};
    pace = pace ? {rounds: 0.8 * pace.rounds + 0.2 * fresh.rounds, frames: 0.8 * pace.frames + 0.2 * fresh.frames} : fresh;
  }
  requestAnimationFrame(show);
}

// --- drawing ----------------------------------------------------------------------------------------------------------

function show() {
  if (!frame || !still) return;
  const style = colours(), layers = {}, shownLayers = frame.layers;
  if (shownLayers.discriminator) layers.heat = bytesOf(shownLayers.discriminator.map);
  if (on.has('real')) layers.real = still.real;
  if (on.has('real_density')) layers.real_density = still.real_density;
  if (shownLayers.fake_density && on.has('fake_density')) layers.fake_density = bytesOf(shownLayers.fake_density);
  if (shownLayers.warp && on.has('warp')) layers.warp = placesOf(shownLayers.warp);
  if (shownLayers.fake) layers.fake = placesOf(shownLayers.fake);
  if (shownLayers.arrows) layers.arrows = placesOf(shownLayers.arrows);
  if (on.has('modes') && modes) layers.modes = still.modes;
  drawMain({style, layers, found: frame.found, reach: still.reach});
  find('.lab-optimal').hidden = !shownLayers.optimal;
  if (shownLayers.optimal) {
    const best = bytesOf(shownLayers.optimal), {real, fake} = layers;
    drawOptimal({style, layers: {best, real, fake}, found: []});
    find('.lab-gap').textContent = gap(best, layers.heat);
  }
  const heat = shownLayers.discriminator;
  find('.lab-scale').textContent = heat ? (still.probabilities ? 'Colours: D(x) from 0, generated (purple), to 1, real (green).'
    : `Colours: the critic's score from ${said(heat.low)} (purple) to ${said(heat.high)} (green).`) + warpNote() : warpNote();
  const outside = shownLayers.fake ? [...Array(layers.fake.length / 2).keys()].filter((i) => Math.abs(layers.fake[2 * i]) > 1 || Math.abs(layers.fake[2 * i + 1]) > 1).length : 0;
  if (outside) find('.lab-scale').textContent += ` ${outside} of ${layers.fake.length / 2} generated points lie outside.`;
  find('.lab-pace').textContent = `Round ${frame.step.toLocaleString('en')}`
    + (playing && !slow && pace ? ` · ${Math.round(pace.rounds)} rounds, ${pace.frames.toFixed(0)} pictures a second` : '');
  measures(style);
  Object.assign(root.dataset, {step: frame.step, halfway: frame.halfway, points: history.length, layers: Object.keys(layers).join(' ')});
}

function warpNote() {
  if (!on.has('warp')) return '';
  if (settings.noise === 'binary') return ' z consists of coin flips here, so there is no grid to bend.';
  if (settings.noise_size === 1) return ' The line shows where z is mapped to.';
  return settings.noise_size > 2 ? ' The grid is a slice: the first two numbers of z, with the others 0.' : ' All cells of the grid are equally probable.';
}

// How far the learned discriminator is from the best one, where either kind of points is.
function gap(best, heat) {
  if (!heat || !still.probabilities) return still.probabilities ? 'switch the discriminator on to compare.' : 'a critic learns something else.';
  let sum = 0, count = 0;
  best.forEach((byte, i) => { if (byte !== 255) { sum += Math.abs(byte / 254 - heat[i] / 255); count += 1; } });
  return `the learned one is off by ${(sum / Math.max(count, 1)).toFixed(2)} on average.`;
}

function measures(style) {
  const table = find('.lab-measures');
  if (hidden.has('measures')) return;
  for (const [number, [title, help, series, theory, digits]] of MEASURES.entries()) {
    let row = table.children[number];
    if (!row) {
      row = document.createElement('div');
      row.className = 'lab-measure';
      row.innerHTML = '<span class="lab-title"></span><span class="lab-now"></span><span class="lab-theory"></span><canvas role="img"></canvas>';
      row.title = help;
      row.firstChild.textContent = title;
      row.lastChild.setAttribute('aria-label', `${title} over the rounds`);
      table.append(row);
    }
    const present = series.filter(([name]) => frame.measures[name] !== null && frame.measures[name] !== undefined);
    row.hidden = !present.length || (title === "Discriminator's loss" && still.probabilities);
    if (row.hidden) continue;
    const line = theory(frame), digit = (value) => (digits === undefined ? said(value) : value.toFixed(digits));
    row.children[1].replaceChildren(...present.flatMap(([name, word, colour]) => {
      const part = document.createElement('b');
      part.style.color = style[colour];
      part.dataset.measure = name;
      part.dataset.now = frame.measures[name];
      part.textContent = `${present.length > 1 ? `${word} ` : ''}${digit(frame.measures[name])} `;
      return [part];
    }));
    row.children[2].textContent = line && line[0] !== undefined ? `${line[1]} ${digit(line[0])}` : '';
    curve(row.children[3], present, line && line[0], style);
  }
}

function curve(canvas, series, theory, style) {
  const ratio = window.devicePixelRatio || 1, width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (!width) return;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
  const pen = canvas.getContext('2d'), values = history.flatMap((point) => series.map(([name]) => point[name])).filter((value) => value !== null && value !== undefined);
  if (theory !== undefined && theory !== null) values.push(theory);
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (high - low < 1e-6) { low -= 0.5; high += 0.5; }
  const first = history[0].step, span = Math.max(1, history[history.length - 1].step - first);
  const x = (step) => 2 * ratio + (step - first) / span * (width - 4 * ratio), y = (value) => height - 3 * ratio - (value - low) / (high - low) * (height - 6 * ratio);
  pen.clearRect(0, 0, width, height);
  if (theory !== undefined && theory !== null) {
    pen.strokeStyle = style.mark;
    pen.setLineDash([2 * ratio, 3 * ratio]);
    pen.lineWidth = ratio;
    pen.beginPath();
    pen.moveTo(0, y(theory));
    pen.lineTo(width, y(theory));
    pen.stroke();
  }
  for (const [name, , colour, dash] of series) {
    pen.strokeStyle = style[colour];
    pen.setLineDash((dash || []).map((length) => length * ratio));
    pen.lineWidth = 1.5 * ratio;
    pen.beginPath();
    let open = false;
    for (const point of history) {
      const value = point[name];
      if (value === null || value === undefined) { open = false; continue; }
      if (open) pen.lineTo(x(point.step), y(value)); else pen.moveTo(x(point.step), y(value));
      open = true;
    }
    pen.stroke();
  }
  pen.setLineDash([]);
}

// --- playing ----------------------------------------------------------------------------------------------------------

function state() {
  find('.lab-play').textContent = playing ? '❚❚ Pause' : '▶ Play';
  find('.lab-slow').setAttribute('aria-pressed', String(slow));
  root.dataset.state = playing ? 'playing' : 'paused';
}

function stop() {
  playing = false;
  if (wanted && RANK(wanted) < 2) wanted = null;
  clearTimeout(slowTimer);
  state();
}

async function slowly() {
  if (!playing || !slow) return;
  if (inSight()) {
    const part = ['discriminator', 'arrows', 'generator'][slowStep % 3];
    slowStep += 1;
    await wish(part === 'arrows' ? 'look' : part);
    if (frame && playing) caption.textContent = CAPTIONS[part](frame);
  }
  slowTimer = setTimeout(slowly, 2200);
}

function play() {
  tell('');
  playing = true;
  pace = null;
  state();
  clearTimeout(slowTimer);
  if (slow) slowly();
  else { caption.textContent = ''; wish('play'); }
}

const DO = {
  play: () => (playing ? (stop(), show()) : play()),
  slow: () => { slow = !slow; slowStep = frame && frame.halfway ? 1 : 0; play(); },
  reset: () => { const was = playing; tell(''); caption.textContent = 'Started again with the initial weights of this seed.'; wish('reset').then(() => { if (was) play(); }); },
};
for (const button of root.querySelectorAll('[data-do]')) {
  button.addEventListener('click', async () => {
    const name = button.dataset.do;
    if (DO[name]) { DO[name](); return; }
    stop();
    tell('');
    const before = frame;
    await wish(name);
    if (frame && frame !== before) caption.textContent = name === 'both' ? 'One round: first the discriminator, then the generator.' : CAPTIONS[name](frame).slice(3);
  });
}
// A page that comes back into sight goes on; one that is out of sight asks for nothing, so it costs nothing.
document.addEventListener('visibilitychange', () => { if (playing && !slow) wish('play'); });
new IntersectionObserver((entries) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  if (!still) wish('look'); else if (playing && !slow) wish('play'); else show();
}).observe(root);

// --- layers, settings, link -------------------------------------------------------------------------------------------

function layerButtons() {
  find('.lab-layers').replaceChildren(...LAYERS.map(([name, title, colour]) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = title;
    button.dataset.layer = name;
    button.dataset.colour = colour;
    button.setAttribute('aria-pressed', String(on.has(name)));
    button.addEventListener('click', () => {
      if (on.has(name)) on.delete(name); else on.add(name);
      button.setAttribute('aria-pressed', String(on.has(name)));
      wish('look');
      link();
    });
    return button;
  }));
}

function changed() {
  find('.lab-pad').hidden = settings.plane !== 'drawn';
  if (settings.plane === 'drawn') pad.paint();
  if (still) still.probabilities = known.losses[settings.loss].probabilities;
  link();
  wish('look').then(() => {
    if (!frame) return;
    if (playing && !slow) wish('play');
  });
}

function link() {
  const query = new URLSearchParams({lab: preset});
  const differing = Object.keys(settings).filter((name) => String(settings[name]) !== String(known.presets[preset][name]));
  for (const name of differing) query.set(name, settings[name]);
  find('.lab-changes').hidden = !differing.length;
  find('.lab-changes').textContent = `Not the experiment as it was: ${differing.map((name) => known.labels[name]).join(', ')} changed.`;
  if (settings.plane === 'drawn' && drawing) query.set('drawing', drawing);
  query.set('show', [...on].join(','));
  const hide = [...root.querySelectorAll('.lab-hide input:checked')].map((box) => box.value);
  if (hide.length) query.set('hide', hide.join(','));
  find('.lab-copy input').value = `${location.origin}${location.pathname}?${query}`;
}

find('.lab-hide').replaceChildren(...[...new Set(Object.values(known.sections))].map((section) => {
  const group = document.createElement('fieldset'), legend = document.createElement('legend');
  legend.textContent = section;
  group.append(legend, ...Object.entries(known.labels).filter(([name]) => known.sections[name] === section).map(([name, label]) => {
    const line = document.createElement('label'), box = document.createElement('input');
    box.type = 'checkbox';
    box.value = name;
    box.addEventListener('change', link);
    line.append(box, ` ${label}`);
    return line;
  }));
  return group;
}));
find('.lab-copy button').addEventListener('click', async () => {
  const field = find('.lab-copy input');
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch (error) { document.execCommand('copy'); }
  find('.lab-copy button').textContent = 'Copied';
  setTimeout(() => { find('.lab-copy button').textContent = 'Copy'; }, 1500);
});

function hide() {
  const parts = {steps: '.lab-steps', slow: '.lab-slow', layers: '.lab-layers', measures: '.lab-measures', link: '.lab-link'};
  for (const [name, selector] of Object.entries(parts)) find(selector).hidden = hidden.has(name);
}

function take() {
  const value = props.value;
  if (!value) return;
  if (value.problem) { stop(); tell(value.problem); if (!settings) settings = {...known.presets[preset]}; return; }
  tell('');
  settings = {...value.settings};
  preset = value.preset || preset;
  if (value.drawing) { drawing = value.drawing; pad.read(drawing); }
  if (value.layers) { on = new Set(value.layers); layerButtons(); }
  if (value.hidden) { hidden = new Set(value.hidden); hide(); }
  if (root.offsetParent !== null) changed(); else { find('.lab-pad').hidden = settings.plane !== 'drawn'; link(); }
}
watch('value', take);
take();
state();
