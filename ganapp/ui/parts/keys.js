// Keys that the framework leaves out, for the whole page: arrows between tabs, and through the presets.

function moveAmongTabs(event) {
  const list = event.target.closest?.('[role=tablist]'), tabs = list ? [...list.querySelectorAll('[role=tab]')].filter((tab) => tab.checkVisibility()) : [];
  const from = tabs.indexOf(event.target), last = tabs.length - 1;
  const to = {ArrowRight: from === last ? 0 : from + 1, ArrowLeft: from ? from - 1 : last, Home: 0, End: last}[event.key];
  if (from < 0 || to === undefined) return;
  event.preventDefault();
  tabs[to].click();
  // The list is drawn anew: the focus goes to what is selected then.
  setTimeout(() => list.querySelector('[role=tab][aria-selected=true]')?.focus(), 0);
}

// A list of presets moves on at each arrow, as a native one does, and keeps the focus; the framework drops it at every choice.
function moveAmongPresets(event) {
  const input = event.target, step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!step || !input.closest?.('#preset')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const options = [...document.querySelectorAll('ul[role=listbox] [role=option]')];
  const from = options.findIndex((option) => option.getAttribute('aria-selected') === 'true');
  const next = options[Math.min(options.length - 1, Math.max(0, from + step))];
  if (!next) { input.blur(); setTimeout(() => input.focus(), 0); return; }  // opens the list
  next.dispatchEvent(new MouseEvent('mousedown', {bubbles: true, cancelable: true}));
  setTimeout(() => input.focus(), 0);
}

document.addEventListener('keydown', moveAmongTabs);
document.addEventListener('keydown', moveAmongPresets, true);
