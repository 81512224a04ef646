// The row of groups above the tabs, and the tab in the page's address.
const groups = [...element.querySelectorAll('.groups button')], last = {};
const tabsOf = (button) => button.dataset.tabs.split(' ');
const groupOf = (tab) => groups.find((button) => tabsOf(button).includes(tab));
let tabs = null;

const find = (tab) => tabs.querySelector(`:scope > .tab-wrapper [role=tab][data-tab-id="${CSS.escape(tab)}"]`);
const chosen = () => tabs.querySelector(':scope > .tab-wrapper [role=tab][aria-selected=true]')?.dataset.tabId;

function open(tab) {
  const button = find(tab);
  if (button && tab !== chosen()) button.click();
}

// What the tabs show is marked, and kept in the address; the back button leads to the tab before.
function follow() {
  const tab = chosen(), group = tab && groupOf(tab);
  if (!group || tabs.dataset.tab === tab) return;
  const first = !tabs.dataset.tab;
  tabs.dataset.group = group.dataset.group;
  tabs.dataset.tab = tab;
  last[group.dataset.group] = tab;
  for (const button of groups) {
    if (button === group) button.setAttribute('aria-current', 'page'); else button.removeAttribute('aria-current');
  }
  const address = new URL(location.href), known = address.searchParams.get('tab');
  if (known === tab || (first && !known)) return;
  address.searchParams.set('tab', tab);
  address.searchParams.delete('theory');
  window.history.pushState(null, '', address);
}

function begin() {
  tabs = document.querySelector('#tabs');
  if (!tabs || !chosen()) return false;
  new MutationObserver(follow).observe(tabs.querySelector(':scope > .tab-wrapper'), {subtree: true, childList: true, attributeFilter: ['aria-selected']});
  const address = new URLSearchParams(location.search);
  const asked = address.get('tab') || (address.has('run') || address.has('preset') ? 'train' : theoryRoom(address) ? 'theory' : address.has('room') ? 'classroom' : '');
  if (asked && groupOf(asked)) open(asked);
  follow();
  if (theoryRoom(address)) openRoom(theoryRoom(address));
  return true;
}

// The rooms of the theory tab stand in the address too; in old links under the name of classrooms, whose codes are capitals.
const theoryRoom = (address) => address.get('theory') || (/^[a-z]+$/.test(address.get('room') || '') ? address.get('room') : '');
function openRoom(name) {
  const until = performance.now() + 10000, waiting = setInterval(() => {
    const room = document.querySelector(`#theory-rooms [role=tab][data-tab-id="${CSS.escape(name)}"]`);
    if (!room && performance.now() < until) return;
    clearInterval(waiting);
    room?.click();
  }, 100);
}
document.addEventListener('click', (event) => {
  const room = event.target.closest?.('#theory-rooms [role=tab]');
  if (!room) return;
  const address = new URL(location.href);
  address.searchParams.set('theory', room.dataset.tabId);
  window.history.replaceState(null, '', address);
});

for (const button of groups) {
  button.addEventListener('click', () => open(last[button.dataset.group] || tabsOf(button)[0]));
}
// Anything on the page may lead to a tab.
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('[data-open-tab]');
  if (link && tabs) open(link.dataset.openTab);
});
window.addEventListener('popstate', () => open(new URLSearchParams(location.search).get('tab') || tabsOf(groups[0])[0]));
const waiting = setInterval(() => { if (begin()) clearInterval(waiting); }, 50);
