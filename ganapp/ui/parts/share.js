// The link and QR code of this place, and what a teacher's link says and hides.
const share = element.querySelector('.share'), part = (selector) => share.querySelector(selector);
const HIDDEN = {
  tabs: '.groups, #tabs > .tab-wrapper',
  settings: '.train-menu, #preset, #cure, #lab-knobs, #lab-preset',
  models: '.explore-models, #evaluate-models',
};

function linkNow() {
  const link = new URL(location.href.replace(/#.*/, '')), form = new Map([...share.querySelectorAll('[name=title], [name=task]')].map((field) => [field.name, field.value.trim()]));
  for (const [name, value] of form) if (value) link.searchParams.set(name, value); else link.searchParams.delete(name);
  const hide = [...share.querySelectorAll('[name=hide]:checked')].map((box) => box.value);
  if (hide.length) link.searchParams.set('without', hide.join(' ')); else link.searchParams.delete('without');
  return link.href;
}

let drawing = 0;
function showLink() {
  const link = linkNow();
  part('.share-link input').value = link;
  clearTimeout(drawing);
  drawing = setTimeout(() => {
    part('.share-code').src = window.ganapp.addressOf(`qr.svg?text=${encodeURIComponent(link)}`);
  }, share.open ? 200 : 0);
}

element.querySelector('[data-tool=share]').addEventListener('click', () => {
  part('.share-note').hidden = !window.ganapp.isLocal();
  showLink();
  share.showModal();
  part('.share-link input').select();
});
share.addEventListener('input', showLink);
part('[data-share=copy]').addEventListener('click', async (event) => {
  const button = event.currentTarget;
  try { await navigator.clipboard.writeText(linkNow()); button.textContent = 'Copied'; } catch { part('.share-link input').select(); button.textContent = 'Press Ctrl+C'; }
  setTimeout(() => { button.textContent = 'Copy'; }, 2500);
});

// What the address of a teacher's link says and hides.
function obey() {
  const asked = new URLSearchParams(location.search), title = (asked.get('title') || '').slice(0, 80), task = (asked.get('task') || '').slice(0, 300);
  const place = element.querySelector('.task');
  place.hidden = !title && !task;
  place.querySelector('h2').textContent = title;
  place.querySelector('p').textContent = task;
  const hide = (asked.get('without') || '').split(/\s+/).filter((name) => name in HIDDEN);
  if (!hide.length) return;
  const sheet = document.createElement('style');
  sheet.textContent = `${hide.map((name) => HIDDEN[name]).join(', ')} { display: none !important; }`;
  document.head.append(sheet);
}
obey();
