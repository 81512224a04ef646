const root = element.querySelector('.inside'), find = (selector) => root.querySelector(selector), tell = teller(find('.explore-problem'));
const seed = find('[data-of=seed]'), label = find('[data-of=label]'), layer = find('[data-of=layer]'), factor = find('.inside-factor input');
let model = null, network = 'generator', turn = 0, channel = 0, shown = null, names = ['generator', 'discriminator'];
const changes = new Map();  // "layer channel" -> factor; of the generator alone

const key = () => `${layer.value} ${channel}`;
const listed = () => [...changes].map(([name, value]) => [name.slice(0, name.lastIndexOf(' ')), Number(name.slice(name.lastIndexOf(' ') + 1)), value]);
const asked = () => ({model, network, channel, seed: Number(seed.value), label: Number(label.value || 0), layer: layer.value, changes: listed()});

// What is asked of one layer says nothing of another that was chosen meanwhile (a new `turn`).
const ofThisTurn = (ask) => async () => {
  const of = turn, answer = model && await ask(asked());
  return of === turn && answer;
};
const look = newestOnly(
  ofThisTurn(server.look),
  (answer) => {
    tell(answer.problem);
    if (!answer.problem) show(answer);
  },
);
// Where a channel fires is counted over 200 pictures: only once one has been chosen.
const survey = newestOnly(
  ofThisTurn(server.channel),
  (answer) => { if (!answer.problem) showSurvey(answer); },
);

function show(answer) {
  shown = answer;
  channel = Math.min(channel, answer.channels - 1);  // another one may have been chosen since it was asked for
  fill(layer, answer.layers.map((one) => [one.name, one.title]), answer.layer);
  find('.inside-plain').src = answer.picture;
  find('.inside-changed').src = answer.changed || answer.picture;
  find('.inside-moved').textContent = answer.changed ? `changed: ${(100 * answer.moved).toFixed(1)} % of the range` : 'nothing changed';
  find('.inside-pull').src = answer.pull;
  find('.inside-map').src = answer.map;
  find('.inside-name').textContent = `channel ${answer.channel}, at most ${answer.value.toFixed(2)}`;
  find('.inside-sheet img').src = answer.sheet;
  root.dataset.layer = answer.layer;
  root.dataset.channel = channel;
  root.dataset.looks = Number(root.dataset.looks || 0) + 1;
  mark();
  tellChanges();
}

// The frame around the chosen map of the sheet.
function mark() {
  const rows = Math.ceil(shown.channels / shown.columns), frame = find('.inside-sheet i');
  frame.style.left = `${100 * (channel % shown.columns) / shown.columns}%`;
  frame.style.top = `${100 * Math.floor(channel / shown.columns) / rows}%`;
  frame.style.width = `${100 / shown.columns}%`;
  frame.style.height = `${100 / rows}%`;
}

function tellChanges() {
  const value = network === 'generator' ? changes.get(key()) ?? 1 : 1;
  factor.value = value;
  factor.disabled = find('[data-do=off]').disabled = network !== 'generator';
  find('.inside-factor output').textContent = Number(value).toFixed(1);
  find('.inside-changes').textContent = network !== 'generator' ? `Channels of the ${names[0]} can be changed; here you see what the ${names[1]} makes of the result.`
    : changes.size ? `${changes.size} changed: ${listed().slice(0, 6).map(([name, one, by]) => `${one} × ${Number(by).toFixed(1)}`).join(', ')}${changes.size > 6 ? ' …' : ''}` : '';
}

function showSurvey(answer) {
  lineUp(find('.inside-strongest'), answer.strongest);
  find('.inside-classes').hidden = !answer.classes.length;
  find('.inside-bars').replaceChildren(...answer.classes.map((one) => {
    const item = document.createElement('li'), name = document.createElement('span'), bar = document.createElement('i'), value = document.createElement('b');
    name.textContent = one.name;
    bar.style.setProperty('--share', Math.abs(one.share));
    bar.className = one.value < 0 ? 'is-below' : '';
    value.textContent = one.value.toFixed(2);
    item.append(name, bar, value);
    return item;
  }));
  const used = find('.inside-used');
  used.replaceChildren(`Channels that class ${label.selectedOptions[0]?.textContent || ''} uses most beside the others: `, ...answer.used.map((one) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sheet-button';
    button.textContent = one;
    button.addEventListener('click', () => choose(one));
    return button;
  }));
  root.dataset.surveys = Number(root.dataset.surveys || 0) + 1;
}

function fill(list, options, chosen) {
  const known = [...list.options].map((option) => `${option.value} ${option.textContent}`).join('\n');
  if (known !== options.map((pair) => pair.join(' ')).join('\n')) list.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  list.value = chosen;
}

function choose(one) {
  channel = Math.max(0, Math.min(shown.channels - 1, one));
  look();
  survey();
}

function set(value) {
  Math.abs(value - 1) < 1e-6 ? changes.delete(key()) : changes.set(key(), value);
  look();
}

factor.addEventListener('input', () => set(Number(factor.value)));
find('[data-do=off]').addEventListener('click', () => set(changes.get(key()) === 0 ? 1 : 0));
find('[data-do=reset]').addEventListener('click', () => { changes.clear(); look(); });
for (const list of [seed, label, layer]) {
  list.addEventListener('input', () => {
    if (list === layer) {
      channel = 0;
      turn += 1;
    }
    look();
    survey();
  });
}
for (const button of root.querySelectorAll('[data-network]')) {
  button.addEventListener('click', () => {
    network = button.dataset.network;
    channel = 0;
    turn += 1;
    layer.replaceChildren();  // the other network may have one of the same name
    for (const other of root.querySelectorAll('[data-network]')) other.setAttribute('aria-pressed', String(other === button));
    look();
    survey();
  });
}
const sheet = find('.inside-sheet');
sheet.addEventListener('click', (event) => {
  const box = find('.inside-sheet img').getBoundingClientRect(), rows = Math.ceil(shown.channels / shown.columns);
  const column = Math.floor((event.clientX - box.left) / box.width * shown.columns), row = Math.floor((event.clientY - box.top) / box.height * rows);
  choose(row * shown.columns + Math.max(0, Math.min(shown.columns - 1, column)));
});
sheet.addEventListener('keydown', (event) => {
  const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -shown.columns, ArrowDown: shown.columns}[event.key];
  if (!step) return;
  event.preventDefault();
  choose(channel + step);
});

function draw() {
  const value = accepted(root, tell, props.value);
  model = value && value.model;
  turn += 1;
  if (!value) return;
  changes.clear();
  channel = 0;
  layer.replaceChildren();
  find('.inside-class').hidden = !value.classes.length;
  find('.inside-class span').textContent = value.word;
  names = value.networks;
  for (const [place, button] of root.querySelectorAll('[data-network]').entries()) button.textContent = names[place][0].toUpperCase() + names[place].slice(1);
  find('.inside-judged').hidden = find('.inside-pull').parentElement.hidden = !value.judges;
  fill(label, value.classes.map((name, number) => [String(number), name]), '0');
  if (root.offsetParent) { look(); survey(); }
}
watch('value', draw);
// Nothing is asked for before somebody looks.
new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting) && model && !root.dataset.looks) { look(); survey(); } }).observe(root);
draw();
