const root = element.querySelector('.train-menu'), unused = JSON.parse(root.dataset.unused);
const TITLES = {settings: 'Settings', again: 'Change one setting', steps: 'Step by step', runs: 'Your runs', own: 'Your own pictures'};
const drawer = () => document.getElementById('drawer'), keys = root.querySelector('dialog');
let opener = null;

function open(panel) {
  const place = drawer(), before = place.dataset.panel || '';
  const next = panel === before ? '' : panel;
  place.dataset.panel = next;
  for (const button of root.querySelectorAll('[data-drawer]')) button.setAttribute('aria-expanded', String(button.dataset.drawer === next));
  if (next) {
    place.querySelector('#drawer-title').textContent = TITLES[next];
    document.dispatchEvent(new CustomEvent('ganapp-drawer', {detail: next}));
    if (next === 'settings') sift();
    place.setAttribute('role', 'region');
    place.setAttribute('aria-labelledby', 'drawer-title');
    (next === 'settings' ? place.querySelector('#knob-search') : place.querySelector('[data-drawer=""]')).focus({preventScroll: true});
  } else if (opener && place.contains(document.activeElement)) opener.focus();
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-drawer]');
  if (!button) return;
  if (root.contains(button)) opener = button;
  open(button.dataset.drawer);
});

// --- which settings are in sight: those that mean something to the model and hold what is searched for
function sift() {
  const place = drawer();
  const model = document.querySelector('#field-model input')?.value, words = place.querySelector('#knob-search').value.trim().toLowerCase();
  let found = 0;
  for (const group of place.querySelectorAll('.knob-group')) {
    let any = false;
    for (const field of group.querySelectorAll('[id^="field-"]')) {
      const name = field.id.slice('field-'.length), text = `${field.textContent} ${name}`.toLowerCase();
      const shows = !(unused[model] || []).includes(name) && words.split(/\s+/).every((word) => text.includes(word));
      field.toggleAttribute('data-away', !shows);
      any ||= shows;
      found += shows;
    }
    group.toggleAttribute('data-away', !any);
  }
  const status = place.querySelector('.drawer-search [role=status]');
  status.textContent = !words ? '' : found ? `${found} found` : 'No setting says that';
}
document.addEventListener('input', (event) => { if (event.target.id === 'knob-search') sift(); });
document.addEventListener('ganapp-model', () => requestAnimationFrame(sift));

// --- what is set by hand stands in the address a moment later
let noting = 0;
for (const kind of ['input', 'change', 'click', 'focusout']) {
  document.addEventListener(kind, (event) => {
    if (!event.target.closest?.('.knob-group, #preset')) return;
    clearTimeout(noting);
    noting = setTimeout(() => document.querySelector('#note-settings')?.click(), 700);
  });
}

// --- keys
const typing = (target) => target.closest?.('input:not([type=range]):not([type=checkbox]), textarea, [contenteditable=true]');
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !keys.open && drawer().dataset.panel && !event.defaultPrevented) open(drawer().dataset.panel);
  if (event.key === '?' && root.checkVisibility() && !typing(event.target)) keys.showModal();
});
root.querySelector('.train-help').addEventListener('click', () => keys.showModal());
