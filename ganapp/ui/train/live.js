const root = element.querySelector('.live');
const find = (selector) => root.querySelector(selector);
const image = find('.live-own img'), slider = find('.live-film input'), beside = find('.live-other');
const series = {
  discriminator_loss: {color: '--discriminator', dash: [], name: 'discriminator'},
  generator_loss: {color: '--generator', dash: [6, 4], name: 'generator'},
  real_score: {color: '--real', dash: [], name: 'D(x)'},
  fake_score: {color: '--generator', dash: [6, 4], name: 'D(G(z))'},
  cycle_error: {color: '--generator', dash: [], name: 'cycle'},
  pixel_error: {color: '--generator', dash: [], name: 'from the whole picture'},
  faithful: {color: '--generator', dash: [6, 4], name: 'faithful'},
  coverage: {color: '--real', dash: [], name: 'varied'},
  accuracy: {color: '--discriminator', dash: [2, 3], name: 'as asked'},
  identity_error: {color: '--gradient', dash: [2, 3], name: 'identity'},
  negative_bound: {color: '--chart-ink', dash: [], name: 'sum, −ELBO'},
  reconstruction_error: {color: '--generator', dash: [6, 4], name: 'reconstruction'},
  divergence: {color: '--discriminator', dash: [2, 3], name: 'KL'},
};
const charts = {
  losses: ['discriminator_loss', 'generator_loss'], scores: ['real_score', 'fake_score'],
  bound: ['negative_bound', 'reconstruction_error', 'divergence'],
  quality: ['faithful', 'coverage', 'accuracy'], errors: ['cycle_error', 'identity_error', 'pixel_error'],
};
const hidden = new Set();
let shown = {run: null}, following = true, playing = 0, pointer = null;
// What the page tells the server when it asks for news: which page it is, whether the run is the visitor's own, the run beside it.
let page = '', mine = false, comparing = '', claim = '';

const number = (value) => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(3);
const clock = (seconds) => {
  const s = Math.max(0, Math.round(seconds));
  return s < 90 ? `${s} s` : s < 5400 ? `${Math.round(s / 60)} min` : `${(s / 3600).toFixed(1)} h`;
};
const style = (name) => getComputedStyle(root).getPropertyValue(name).trim();
const absolute = window.ganapp.addressOf;
const address = (file, run = shown.run) => absolute(`runs/${run}/${file}`);
// The epochs that have a picture: a long run keeps some of them.
const frameEpochs = () => shown.frame_epochs || Array.from({length: (shown.epoch || 0) + 1}, (_, epoch) => epoch);
const lastFrame = () => Math.max(0, frameEpochs().length - 1);
const shownEpoch = () => following ? shown.epoch || 0 : frameEpochs()[Number(slider.value)];

function describePicture() {
  const epoch = shownEpoch();
  const fixed = shown.rows ? 'fixed pictures' : 'fixed noise';
  image.alt = `Grid of generated pictures at epoch ${epoch}: ${fixed} at every epoch`;
  find('.live-when').textContent = `Epoch ${epoch}, ${fixed}${shown.rows ? `. ${shown.rows}` : ''}`;
}

// A picture is replaced only by one that has arrived: the old one stays until then.
function paint(img, source) {
  img.hidden = !source;
  img.nextElementSibling.hidden = Boolean(source);
  if (source && img.getAttribute('src') !== source) img.src = source;
}

// The run, the one beside it and the epoch stand in the address, so that a link, a reload and the back button lead to them.
let noted = 0, usual = new URLSearchParams(location.search).has('run') ? '' : null, before = null;
function noteAddress() {
  clearTimeout(noted);
  if (playing) return;
  noted = setTimeout(() => {
    if (!shown.run || document.querySelector('#tabs')?.dataset.tab !== 'train') return;
    if (usual === null) usual = shown.run;
    const address = new URL(location.href), other = shown.other ? shown.other.run : '', epoch = following ? '' : String(shownEpoch());
    const wanted = {run: shown.run === usual && !other && !epoch ? '' : shown.run, compare: other, epoch};
    for (const [name, value] of Object.entries(wanted)) if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
    if (before && before !== shown.run) window.ganapp.withoutSettings(address);  // they were another run's
    before = shown.run;
    if (address.href !== location.href) window.history.replaceState(null, '', address);
  }, 400);
}

// What the doctor said at the epoch that is shown.
function verdictThen() {
  if (following || !shown.verdicts) return shown.doctor;
  // An epoch ends within a round.
  return shown.verdicts.findLast((verdict) => verdict.step - 1 < shownEpoch() * (shown.per_epoch || 1));
}

function showDoctor() {
  const doctor = verdictThen(), card = find('.live-doctor');
  card.hidden = !doctor;
  if (!doctor) return;
  card.dataset.verdict = doctor.name;
  card.querySelector('b').textContent = `${doctor.title}.`;
  card.querySelector('span').textContent = doctor.text;
  card.querySelector('i').textContent = doctor.knob;
}

function show() {
  slider.max = lastFrame();
  if (following) slider.value = lastFrame();
  slider.setAttribute('aria-valuetext', `epoch ${shownEpoch()}`);
  const other = shown.other;
  if (replay()) return;
  paint(image, following ? shown.picture && absolute(shown.picture) : address(`epochs/${shownEpoch()}.jpg`));
  if (other) paint(beside.querySelector('img'), following ? other.picture && absolute(other.picture) : address(`epochs/${shownEpoch()}.jpg`, other.run));
  find('.live-now').disabled = following;
  describePicture();
  showDoctor();
  plotAll();
  tellQuality();
  noteAddress();
}

// While a run waits without a picture of its own, its page shows a recording, and says so.
let replaying = 0, replayed = 0;
function replay() {
  const recording = shown.meanwhile;
  if (!recording) {
    clearInterval(replaying);
    replaying = 0;
    return false;
  }
  if (!replaying) { replayed = 0; replaying = setInterval(() => { if (inSight() && image.complete) show(); }, 500); }
  const epoch = recording.epochs[replayed % recording.epochs.length];
  replayed += 1;
  paint(image, address(`epochs/${epoch}.jpg`, recording.run));
  image.alt = `Grid of pictures of a recording at epoch ${epoch}`;
  find('.live-when').textContent = `Meanwhile a recording: ${recording.title}, epoch ${epoch}`;
  return true;
}

function stopPlaying() {
  clearInterval(playing);
  playing = 0;
  find('.live-play').textContent = 'Play';
}

slider.addEventListener('input', () => { stopPlaying(); following = Number(slider.value) >= lastFrame(); show(); });
find('.live-now').addEventListener('click', () => { stopPlaying(); following = true; show(); });
find('.live-play').addEventListener('click', () => {
  if (playing) return stopPlaying();
  following = false;
  slider.value = 0;
  find('.live-play').textContent = 'Hold';
  const stride = Math.max(1, Math.ceil(lastFrame() / 120));
  show();
  playing = setInterval(() => {
    if (!image.complete) return;
    const next = Number(slider.value) + stride;
    if (next >= lastFrame()) { stopPlaying(); following = true; }
    slider.value = Math.min(next, lastFrame());
    show();
  }, 120);
});
find('.live-share').addEventListener('click', async (event) => {
  const link = new URL(location.href);
  link.search = '';
  link.searchParams.set('run', shown.run);
  const button = event.currentTarget;
  try { await navigator.clipboard.writeText(link.href); button.textContent = 'Link copied'; }
  catch { window.prompt('Anyone with this link can watch:', link.href); }
  setTimeout(() => { button.textContent = 'Copy link to watch'; }, 2500);
});
function tellKept() {
  const button = find('.live-keep');
  button.hidden = !claim;
  button.setAttribute('aria-pressed', Boolean(shown.kept));
  button.textContent = shown.kept ? 'Kept' : 'Keep';
}
find('.live-keep').addEventListener('click', async () => {
  const wanted = !shown.kept;
  try {
    const answer = await (await fetch(address('keep'), {method: 'POST', body: JSON.stringify({claim, keep: wanted})})).json();
    if (answer.problem) return tellProblem(answer.problem);
    shown.kept = wanted;
    tellKept();
  } catch { tellProblem('The app did not answer: check the connection, then try again.'); }
});
for (const button of root.querySelectorAll('[data-series]')) {
  button.addEventListener('click', () => {
    const name = button.dataset.series;
    hidden.has(name) ? hidden.delete(name) : hidden.add(name);
    button.setAttribute('aria-pressed', String(!hidden.has(name)));
    plotAll();
  });
}

// Where the curves lie if real and generated pictures cannot be distinguished.
function markOf(name) {
  if (name === 'errors' || name === 'bound') return null;
  if (name === 'quality') {
    const floor = ((shown.quality || {}).floor || {}).coverage;
    return floor ? [floor, `${floor.toFixed(2)}: as varied as real pictures`] : null;
  }
  if (name === 'scores') return shown.critic ? null : [0.5, '0.5: cannot tell'];
  const value = shown.indifferent;
  if (value == null) return null;
  const text = Math.abs(value - Math.log(4)) < 1e-6 ? 'log 4' : Math.abs(value - Math.log(2)) < 1e-6 ? 'log 2' : String(value);
  return [value, `${text}: ${shown.critic ? 'critic' : 'discriminator'} cannot tell`];
}

function plot(name) {
  const figure = find(`[data-chart="${name}"]`), canvas = figure.querySelector('canvas'), read = figure.querySelector('.live-read');
  const width = canvas.clientWidth, height = canvas.clientHeight, ratio = window.devicePixelRatio || 1;
  if (!width) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const measured = name === 'quality' ? 'quality' : 'curves', none = {step: []};
  const curves = shown[measured] || none, visible = charts[name].filter((key) => !hidden.has(key) && (!['quality', 'errors'].includes(name) || curves[key]));
  const perEpoch = shown.per_epoch || 1, xs = curves.step.map((step) => step / perEpoch);
  const theirs = (shown.other || {})[measured] || none, theirXs = theirs.step.map((step) => step / (shown.other.per_epoch || 1));
  const all = visible.flatMap((key) => [...(curves[key] || []), ...(theirs[key] || [])]).filter(Number.isFinite);
  let low = 0, high = 1;
  if (all.length && name !== 'quality' && (name !== 'scores' || shown.critic)) {
    // One early spike should not flatten all the rest.
    const sorted = [...all].sort((a, b) => a - b);
    const least = sorted[Math.floor(0.015 * (sorted.length - 1))], most = sorted[Math.floor(0.985 * (sorted.length - 1))];
    low = Math.min(0, least < 0 ? 1.15 * least : least);
    high = Math.max(name === 'losses' && !shown.critic ? 1.6 : name === 'errors' ? 0.02 : 0.1, 1.15 * most);
  }
  const size = Number(style('--chart-size')) || 11;
  const left = 3.1 * size, right = width - 8, top = 6, bottom = height - 9 - size, end = Math.max(xs.at(-1) || 0, theirXs.at(-1) || 0, shown.progress || 0, 1e-9);
  const X = (x) => left + (right - left) * x / end, Y = (y) => bottom - (bottom - top) * (y - low) / (high - low);
  pen.font = `${size}px ui-sans-serif, system-ui, sans-serif`;
  pen.fillStyle = style('--chart-ink');
  pen.lineWidth = 1;
  pen.strokeStyle = style('--chart-grid');
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (const value of ticks(low, high, 4)) {
    pen.beginPath(); pen.moveTo(left, Y(value)); pen.lineTo(right, Y(value)); pen.stroke();
    pen.fillText(String(Number(value.toPrecision(3))), left - 5, Y(value));
  }
  pen.textAlign = 'center';
  pen.textBaseline = 'top';
  if (xs.length) for (const value of ticks(0, end, Math.min(8, width / 60))) {
    const text = String(Number(value.toPrecision(3)));
    pen.fillText(text, Math.min(X(value), width - pen.measureText(text).width / 2), bottom + 5);
  }
  const mark = markOf(name);
  if (mark && width < 480) mark[1] = mark[1].split(':')[0];  // or it would hide the curves
  if (mark && mark[0] < high && mark[0] > low) {
    pen.setLineDash([2, 3]);
    pen.strokeStyle = style('--chart-mark');
    pen.beginPath(); pen.moveTo(left, Y(mark[0])); pen.lineTo(right, Y(mark[0])); pen.stroke();
    pen.setLineDash([]);
  }
  const doctor = shown.doctor;
  if (doctor && doctor.chart === name && doctor.since && doctor.name !== 'healthy' && xs.length) {
    pen.globalAlpha = 0.14;
    pen.fillStyle = style('--gradient');
    pen.fillRect(X(doctor.since / perEpoch), top, right - X(doctor.since / perEpoch), bottom - top);
    pen.globalAlpha = 1;
  }
  pen.save();
  pen.beginPath(); pen.rect(left, top - 2, right - left, bottom - top + 4); pen.clip();
  pen.lineJoin = 'round';
  for (const [line, places, wide, strength] of [[theirs, theirXs, 1, 0.6], [curves, xs, 1.75, 1]]) {
    pen.lineWidth = wide;
    pen.globalAlpha = strength;
    for (const key of visible) {
      pen.strokeStyle = style(series[key].color);
      pen.setLineDash(series[key].dash);
      pen.beginPath();
      (line[key] || []).forEach((y, i) => i ? pen.lineTo(X(places[i]), Y(y)) : pen.moveTo(X(places[i]), Y(y)));
      pen.stroke();
    }
  }
  pen.setLineDash([]);
  const frame = shownEpoch();
  if (!following && frame <= end) {
    pen.strokeStyle = style('--chart-mark');
    pen.lineWidth = 2;
    pen.beginPath(); pen.moveTo(X(frame), top); pen.lineTo(X(frame), bottom); pen.stroke();
  }
  // The read-outs are of the epoch that the slider shows, or of the place under the pointer.
  const nearest = (x) => xs.reduce((best, value, i) => Math.abs(value - x) < Math.abs(xs[best] - x) ? i : best, 0);
  let at = following ? xs.length - 1 : nearest(frame);
  if (pointer && pointer.chart === name && xs.length) {
    const x = (pointer.x - left) / (right - left) * end;
    at = nearest(x);
    pen.strokeStyle = style('--chart-ink');
    pen.lineWidth = 1;
    pen.beginPath(); pen.moveTo(X(xs[at]), top); pen.lineTo(X(xs[at]), bottom); pen.stroke();
  }
  pen.restore();
  if (mark && mark[0] < high && mark[0] > low) {  // over the curves, which may lie just there
    const below = Y(mark[0]) < top + 14;
    Object.assign(pen, {textAlign: 'right', textBaseline: below ? 'top' : 'bottom', fillStyle: style('--chart-ink'), lineJoin: 'round', lineWidth: 4});
    pen.strokeStyle = style('--background-fill-primary');
    pen.strokeText(mark[1], right - 2, Y(mark[0]) + (below ? 3 : -1));
    pen.fillText(mark[1], right - 2, Y(mark[0]) + (below ? 3 : -1));
  }
  const values = visible.filter((key) => curves[key]).map((key) => `${series[key].name} ${name === 'quality' ? curves[key][at].toFixed(2) : number((curves[key] || [])[at] ?? 0)}`);
  read.textContent = xs.length ? `epoch ${number(xs[at])}: ${values.join(', ')}` : '';
  const what = {losses: 'Losses of both players', scores: 'Discriminator’s answers', quality: 'Quality of the pictures', errors: 'Share of a pixel’s range that changes', bound: 'The bound and its two terms, in nats for each picture'}[name];
  canvas.setAttribute('aria-label', `${what} by epoch. ${read.textContent}`);
}

function plotAll() { for (const name of Object.keys(charts)) plot(name); }

for (const figure of root.querySelectorAll('.live-chart')) {
  const canvas = figure.querySelector('canvas');
  canvas.addEventListener('pointermove', (event) => { pointer = {chart: figure.dataset.chart, x: event.offsetX}; plot(figure.dataset.chart); });
  canvas.addEventListener('pointerleave', () => { pointer = null; plot(figure.dataset.chart); });
}
new ResizeObserver(() => { plotAll(); ask(); }).observe(root);  // also when the tab comes into sight again
new MutationObserver(plotAll).observe(document.body, {attributes: true, attributeFilter: ['class']});

// Anything on the page may lead to a run: <a data-run=... data-compare=... data-epoch=...>, and lessons do by an event.
const lead = (asked) => { document.querySelector('#tabs > .tab-wrapper [data-tab-id=train]')?.click(); trigger('select', {run: asked.run, compare: asked.compare || '', epoch: asked.epoch ?? ''}); };
document.addEventListener('ganapp-run', (event) => lead(event.detail));
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-run]');
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  lead(link.dataset);
});

let forgetting = 0;
function tellProblem(sentence) {
  const problem = find('.live-problem');
  problem.textContent = sentence;
  problem.hidden = false;
  problem.scrollIntoView({block: 'nearest'});
  clearTimeout(forgetting);
  forgetting = setTimeout(() => { problem.hidden = true; }, 20000);
}

// --- the connection: one small question, again and again; nothing is asked, laid out or drawn while nobody can see it
const SECONDS_OUT_OF_SIGHT = 20;  // so that the server knows that the page is still there
let timer = 0, asking = false, failures = 0, news = 0;
const inSight = () => !document.hidden && root.offsetParent !== null;

async function ask() {
  clearTimeout(timer);
  if (asking || !shown.run || (shown.state === 'example' && !comparing)) return;
  asking = true;
  const asked = news, query = new URLSearchParams({page, mine: Number(mine), other: comparing, seen: inSight() ? shown.version || '' : 'nothing'});
  try {
    const answer = await fetch(address(`live?${query}`), {cache: 'no-store'});
    failures = 0;
    if (answer.status === 200 && asked === news) accept(await answer.json());
    else if (answer.status === 404) return tellProblem(await answer.text());
  } catch {
    failures += 1;
  } finally {
    asking = false;
    const seconds = failures ? Math.min(10, failures) : inSight() ? shown.every || 0.5 : SECONDS_OUT_OF_SIGHT;
    clearTimeout(timer);
    timer = setTimeout(ask, 1000 * seconds);
  }
}
document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });

// News from the connection. The buttons are the page's own components: they follow by an event, at another state only.
function accept(value) {
  const before = shown.state;
  render(value);
  if (value.state !== before) trigger('tick');
}

// What an event of the page has brought: a run to turn to, another one to compare with, or a problem.
function draw() {
  const value = props.value;
  if (!value || typeof value !== 'object') return;
  if (value.problem) tellProblem(value.problem);
  if (value.state && value.run !== shown.run) comparing = '';
  if (value.compare !== undefined) { comparing = value.compare; shown.version = ''; }
  news += 1;
  if (value.state) {
    page = value.page || page;
    mine = Boolean(value.mine);
    claim = value.claim || '';
    render(value);
    if (value.at !== undefined) turnTo(value.at);
  }
  ask();
}

// The pictures of the last epoch up to `epoch` that has some.
function turnTo(epoch) {
  const place = frameEpochs().findLastIndex((each) => each <= epoch);
  following = place < 0 || place >= lastFrame();
  slider.max = lastFrame();
  slider.value = Math.max(0, place);
  show();
}

function render(value) {
  if (value.run !== shown.run) { following = true; stopPlaying(); }
  const epoch = shownEpoch(), other = value.other || (comparing ? shown.other : null);
  shown = {...value, other};
  // Thinning changes the place of an epoch's picture.
  if (!following) slider.value = Math.max(0, frameEpochs().findLastIndex((each) => each <= epoch));
  tellData();
  tellHead();
  tellComparison();
  tellKept();
  find('.live-film').hidden = !(value.epoch > 0);
  find('.live-links').hidden = !value.downloads;
  for (const link of root.querySelectorAll('[data-file]')) {
    link.hidden = (value.film && link.dataset.file.startsWith('epochs.') && link.dataset.file !== value.film) || (!value.weights && link.dataset.file === 'model.safetensors') || (!value.code && link.dataset.file === 'code.zip');
    if (value.run) link.href = address(link.dataset.file);
  }
  find('[data-chart="quality"]').hidden = !value.quality;
  for (const name of ['accuracy', 'faithful']) find(`[data-series="${name}"]`).hidden = !(value.quality || {})[name];
  const has = (run, name) => Boolean(run && (run.curves || {})[name]), encodes = has(value, 'negative_bound');
  find('[data-chart="losses"]').hidden = find('[data-chart="scores"]').hidden = encodes && !has(other, 'discriminator_loss');
  find('[data-chart="bound"]').hidden = !encodes && !has(other, 'negative_bound');
  const errors = charts.errors.filter((name) => (value.curves || {})[name]);
  find('[data-chart="errors"]').hidden = !errors.length;
  find('[data-chart="errors"] b').textContent = errors.includes('pixel_error') ? 'Difference' : 'Change by translation';
  for (const name of charts.errors) find(`[data-series="${name}"]`).hidden = !errors.includes(name);
  find('[data-chart="scores"] b').textContent = value.critic ? 'Scores of the critic' : 'Probability of being real';
  if (inSight()) show();
}

// The last look at a run's quality up to an epoch, or nothing.
function qualityAt(run, epoch) {
  const known = run && run.quality, place = known ? known.step.findLastIndex((step) => step - 1 <= epoch * (run.per_epoch || 1)) : -1;
  const said = (name) => (place >= 0 && known[name] ? known[name][place].toFixed(2) : '');
  return {varied: said('coverage'), faithful: said('faithful')};
}

function tellQuality() {
  const mine = qualityAt(shown, shownEpoch()), theirs = qualityAt(shown.other, shownEpoch());
  Object.assign(root.dataset, {varied: mine.varied, faithful: mine.faithful, otherVaried: theirs.varied, otherFaithful: theirs.faithful});
}

function tellData() {
  root.dataset.run = shown.run || '';
  root.dataset.claim = claim;
  root.dataset.state = shown.state;
  root.dataset.epoch = shown.epoch || 0;
  root.dataset.points = (shown.curves || {step: []}).step.length;
  root.dataset.step = shown.step || 0;
  root.dataset.other = shown.other ? shown.other.run : '';
}

function tellHead() {
  const value = shown, facts = [];
  find('.chip').textContent = value.label;
  find('.live-title').textContent = value.title || '';
  if (value.epochs) facts.push(`epoch ${Math.min(value.epochs, Math.floor(value.progress || 0))} of ${value.epochs}`);
  if (value.step) facts.push(`step ${value.step.toLocaleString('en')}`);
  if (value.state === 'running' && value.speed) facts.push(`${Math.round(value.speed).toLocaleString('en')} images/s`);
  if (value.state === 'running' && value.left) facts.push(`about ${clock(value.left)} left`);
  else if (value.seconds) facts.push(`trained ${clock(value.seconds)}`);
  if (value.state === 'example') facts.splice(0, 1, `${(value.progress || 0).toFixed(0)} epochs`);
  find('.live-facts').textContent = facts.join(' · ');
  const share = value.state === 'preparing' && value.share != null ? value.share : value.epochs ? (value.progress || 0) / value.epochs : 0;
  const percent = value.state === 'example' ? 100 : Math.round(100 * Math.min(1, share));
  find('.live-bar i').style.width = `${percent}%`;
  find('.live-bar').setAttribute('aria-valuenow', percent);
  find('.live-note').textContent = value.note || '';
  find('.live-credit').textContent = value.credit || '';
}

function tellComparison() {
  const other = shown.other;
  beside.hidden = find('.live-compared').hidden = !other;
  find('.live-frames').classList.toggle('is-pair', Boolean(other));
  if (!other) return;
  find('.live-other-name').textContent = other.title;
  find('.live-differs').textContent = other.differs;
  find('.live-differs').title = other.all_differs;
  beside.querySelector('img').alt = `Grid of pictures of the run ${other.title}`;
}

find('.live-alone').addEventListener('click', () => {
  comparing = '';
  shown.other = null;
  tellData();
  tellComparison();
  show();
});

watch('value', draw);
draw();
