// The controls of a tab in the page's address, each under its id, such as latent-a=5: a link, a reload and the back button lead to them.
const {sleep, setControl, valueOf} = window.ganapp, LEFT_OUT = /-(model|hub|roll|files|open|evaluated)$/;
const pending = new Map(), usual = new Map();
const tabsOnPage = () => document.querySelector('#tabs')?.dataset.tab || '';

// The control that an event comes from, where that is one of the framework's; those that we drew ourselves keep their own state.
function controlOf(target) {
  const box = target.closest?.(`[id^="${tabsOnPage()}-"]`);
  return !box || LEFT_OUT.test(box.id) || box.matches('.column, .row, .tabs') || box.querySelector('.html-container') || valueOf(box) === null ? null : box;
}

function remember(event) {
  const box = controlOf(event.target);
  if (box && !usual.has(box.id)) usual.set(box.id, valueOf(box));
}

// Two controls may change within a moment: both are written.
const changed = new Set();
let writing = 0;
function note(event) {
  const box = controlOf(event.target);
  if (!box) return;
  changed.add(box);
  clearTimeout(writing);
  writing = setTimeout(() => { for (const each of changed) write(each); changed.clear(); }, 250);
}

function write(box) {
  const address = new URL(location.href), value = valueOf(box), known = address.searchParams.has(box.id);
  if (value === null || (!known && value === usual.get(box.id))) return;
  address.searchParams.set(box.id, value);
  window.history.replaceState(null, '', address);
}

for (const kind of ['pointerdown', 'focusin']) document.addEventListener(kind, remember, true);
for (const kind of ['input', 'change', 'click', 'focusout']) document.addEventListener(kind, note, true);

function tell(sentence) {
  const place = document.querySelector('.masthead-problem');
  place.textContent = sentence;
  place.hidden = !sentence;
}

// A model that opens later sets the tab's controls anew: until the visitor touches something, the address has the last word.
let touched = false;
for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, (event) => { touched ||= event.isTrusted; }, true);
async function keep(done) {
  for (let looks = 0; looks < 12 && done.size && !touched; looks += 1) {
    await sleep(300);
    for (const [id, value] of done) {
      const box = document.getElementById(id);
      if (touched || !box || valueOf(box) === value) continue;
      try { await setControl(`#${CSS.escape(id)}`, value); } catch { done.delete(id); }
    }
  }
}

// A list of choices may still be empty.
async function attempt(id, value) {
  for (let tries = 0; tries < 6; tries += 1, await sleep(500)) {
    try { await setControl(`#${CSS.escape(id)}`, value); return true; } catch { if (!document.getElementById(id)) return false; }
  }
  return false;
}

// What the address asks for of the tab that is open now; what cannot be set is left out, and told.
async function apply() {
  const prefix = `${tabsOnPage()}-`, left = [], done = new Map();
  for (const [id, value] of pending) {
    if (!id.startsWith(prefix)) continue;
    pending.delete(id);
    if (await attempt(id, value)) done.set(id, value); else left.push(id);
  }
  keep(done);
  if (left.length) tell(`The address asks for ${left.join(', ').slice(0, 80)} in a way that this tab does not have: left out.`);
}

for (const [id, value] of new URLSearchParams(location.search)) {
  if (/^[a-z]+-[a-z0-9-]{1,40}$/.test(id) && !LEFT_OUT.test(id)) pending.set(id, value.slice(0, 300));
}
if (pending.size) {
  const ready = setInterval(() => {
    if (!tabsOnPage()) return;
    clearInterval(ready);
    new MutationObserver(apply).observe(document.querySelector('#tabs'), {attributeFilter: ['data-tab']});
    apply();
  }, 100);
}
