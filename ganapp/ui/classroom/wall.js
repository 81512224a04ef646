const root = element.querySelector('.wall'), find = (selector) => root.querySelector(selector);
const tell = teller(find('.explore-problem')), room = window.ganapp.room, {presets, settings, lessons} = props.value;
let timer = 0, seen = '', shown = null, beside = '', failures = 0, lost = false;

function choices(select, groups) {
  select.replaceChildren(...groups.map(([title, options]) => {
    const group = document.createElement('optgroup');
    group.label = title;
    group.append(...options.map(([value, text]) => new Option(text, value)));
    return group;
  }));
}
choices(find('[name=place]'), [
  ['A lesson', lessons.map(([name, title]) => [`?lesson=${name}&step=1`, title])],
  ['A run to train', presets.map(([name, title]) => [`?tab=train&preset=${name}`, title])],
  ['Anything else', [['', 'A link']]],
]);
choices(find('[name=preset]'), [['Runs', presets]]);
choices(find('[name=setting]'), Object.entries(settings));
find('[name=setting]').value = 'generator_lr';
find('[name=place]').addEventListener('change', (event) => { find('.wall-any').hidden = event.target.value !== ''; });

const {addressOf, isLocal} = window.ganapp, roomLink = () => addressOf(`?room=${room.code}`);

// The page shows the door, or the room that it is in.
function turn() {
  clearTimeout(timer);
  seen = '';
  const inside = Boolean(room.code);
  root.dataset.role = inside ? (room.key ? 'teacher' : 'member') : 'none';
  find('.wall-door').hidden = inside;
  find('.wall-room').hidden = !inside;
  find('.wall-tools').hidden = !room.key;
  if (!inside) return;
  find('.wall-code').textContent = room.code;
  find('.wall-link').textContent = roomLink();
  find('.wall-local').hidden = !isLocal();
  find('.wall-qr').src = addressOf(`qr.svg?text=${encodeURIComponent(roomLink())}`);
  look();
}

// The newest pictures, as long as they are in sight.
async function look() {
  clearTimeout(timer);
  const code = room.code;
  if (!code) return;
  if (root.checkVisibility() && !document.hidden) {
    try {
      const answer = await fetch(addressOf(`rooms/${code}?seen=${encodeURIComponent(seen)}`), {cache: 'no-store'});
      failures = 0;
      if (code !== room.code) return;
      const value = answer.status === 200 ? await answer.json() : {};
      if (value.problem) return room.out(value.problem);
      if (value.version) draw(value);
    } catch {
      failures += 1;
      lost ||= failures > 2;
      if (lost) tell('The app did not answer: check the connection. The wall goes on by itself.');
    }
  }
  timer = setTimeout(look, failures ? 5000 : 1000 * ((shown && shown.every) || 2));
}

function draw(value) {
  if (lost) tell('');
  lost = false;
  shown = value;
  seen = value.version;
  const people = value.people === 1 ? '1 person' : `${value.people} people`;
  const more = value.more ? `, ${value.more} more runs do not fit` : '';
  find('.wall-facts').textContent = `${people}, ${value.tiles.length} run${value.tiles.length === 1 ? '' : 's'}${more}.${value.frozen ? ' All runs are stopped.' : ''}`;
  const freeze = find('[data-act=freeze]');
  freeze.setAttribute('aria-pressed', value.frozen);
  freeze.textContent = value.frozen ? 'Let all runs go on' : 'Stop all runs';
  find('.wall-sweep').hidden = !value.sweep;
  if (value.sweep) find('.wall-sweep').textContent = `${value.sweep.preset}, ${value.sweep.setting}: ${value.sweep.values.join(', ')}`;
  find('.wall-waiting').textContent = value.waiting.length ? `Without a run so far: ${value.waiting.join(', ')}.` : '';
  root.dataset.tiles = value.tiles.length;
  root.dataset.frozen = value.frozen;
  const tiles = new Map([...root.querySelectorAll('.tile')].map((tile) => [tile.dataset.run, tile]));
  find('.wall-tiles').replaceChildren(...value.tiles.map((one) => fill(tiles.get(one.run) || blank(one), one)));
}

function blank(one) {
  const tile = elementOf('figure', '', 'tile'), open = elementOf('button', '', 'tile-open'), image = elementOf('img', ''), caption = elementOf('figcaption', '');
  tile.dataset.run = one.run;
  open.type = 'button';
  open.append(image);
  caption.append(elementOf('b', ''), elementOf('span', '', 'tile-value'), elementOf('span', '', 'tile-facts'));
  const compare = elementOf('button', 'Compare', 'tile-compare'), remove = elementOf('button', 'Remove', 'tile-remove');
  for (const button of [compare, remove]) button.type = 'button';
  caption.append(compare, remove);
  tile.append(open, caption);
  return tile;
}

function fill(tile, one) {
  const image = tile.querySelector('img'), part = (selector) => tile.querySelector(selector);
  tile.dataset.state = one.state;
  tile.dataset.verdict = one.verdict;
  tile.dataset.member = one.member;
  image.hidden = !one.picture;
  image.alt = `Pictures of ${one.name}`;
  if (one.picture && image.getAttribute('src') !== one.picture) image.src = one.picture;
  part('.tile-open').title = `Open the run of ${one.name}: ${one.preset}`;
  part('b').textContent = one.name;
  part('.tile-value').textContent = one.value;
  part('.tile-facts').textContent = [one.epochs ? `epoch ${one.epoch} of ${one.epochs}` : one.state, one.words].filter(Boolean).join(' · ');
  part('.tile-compare').textContent = beside && beside !== one.run ? 'Lay beside' : 'Compare';
  part('.tile-compare').setAttribute('aria-pressed', beside === one.run);
  part('.tile-remove').hidden = !room.key;
  return tile;
}

async function act(question) {
  const answer = await room.ask(`/${room.code}/act`, {key: room.key, ...question});
  tell(answer.problem);
  seen = '';
  look();
  return !answer.problem;
}

find('.wall-open').addEventListener('click', async () => {
  const made = await room.ask('');
  tell(made.problem);
  if (!made.problem) room.join(made.code, made.key);
});
find('.wall-enter').addEventListener('submit', (event) => {
  event.preventDefault();
  const code = find('.wall-enter input').value.trim().toUpperCase();
  if (/^[A-Z]{5}$/.test(code)) room.join(code); else tell('A code has five letters.');
});
find('.wall-tools').addEventListener('click', async (event) => {
  const button = event.target.closest('button');
  if (!button || button.closest('form')) return;
  if (button.dataset.act === 'freeze') act({act: 'freeze', on: !(shown && shown.frozen)});
  if (button.dataset.act === 'end' && window.confirm('End this room for everyone? Their runs go on.') && await act({act: 'end'})) room.leave();
  if ('copy' in button.dataset) {
    const link = `${roomLink()}&tab=classroom#teacher=${room.key}`;
    try { await navigator.clipboard.writeText(link); button.textContent = 'Copied'; } catch { window.prompt('The teacher’s link:', link); }
    setTimeout(() => { button.textContent = 'Copy teacher’s link'; }, 2500);
  }
});
for (const form of root.querySelectorAll('form[data-act]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const asked = Object.fromEntries(new FormData(form)), select = form.querySelector('[name=place]');
    if (form.dataset.act === 'send') Object.assign(asked, {link: asked.place || asked.link, title: asked.place ? select.selectedOptions[0].text : ''});
    if (await act({act: form.dataset.act, ...asked})) form.closest('details').open = false;
  });
}
find('.wall-tiles').addEventListener('click', (event) => {
  const button = event.target.closest('button'), tile = event.target.closest('.tile');
  if (!button) return;
  if (button.matches('.tile-open')) window.ganapp.openRun(tile.dataset.run);
  if (button.matches('.tile-remove')) act({act: 'remove', member: Number(tile.dataset.member)});
  if (!button.matches('.tile-compare')) return;
  const first = beside;
  beside = first ? '' : tile.dataset.run;
  if (first && first !== tile.dataset.run) window.ganapp.openRun(first, tile.dataset.run);
  if (shown) draw(shown);
});
document.addEventListener('ganapp-room', turn);
document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
new ResizeObserver(look).observe(root);
turn();
