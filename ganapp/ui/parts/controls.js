// The page's own controls, read and set by its address and by lessons: `window.ganapp`.
const sleep = (time) => new Promise((done) => setTimeout(done, time));

// What stands at a place of the page, once it is there.
async function at(selector, patience = 8000) {
  for (const end = performance.now() + patience; ; await sleep(60)) {
    const found = [...document.querySelectorAll(selector)].find((one) => one.checkVisibility());
    if (found) return found;
    if (performance.now() > end) throw new Error(`There is nothing at ${selector}.`);
  }
}

// A control, once it can be used: what it moves may not be there yet.
async function usable(control, patience = 8000) {
  for (const end = performance.now() + patience; control.disabled && performance.now() < end;) await sleep(60);
  return control;
}

// The framework's list: it opens when it gets the focus, and its options hang elsewhere in the page. That
// of a tab just opened is empty until the server has answered.
async function choose(input, words, patience = 20000) {
  const reopen = async () => { input.blur(); await sleep(30); input.focus(); };
  await reopen();
  for (let tries = 0, end = performance.now() + patience; tries < 40; await sleep(60)) {
    const options = [...document.querySelectorAll('ul[role=listbox] [role=option]')];
    const option = options.find((one) => one.getAttribute('aria-label') === words || one.textContent.trim().replace(/^✓\s*/, '') === words);
    if (!options.length && performance.now() < end) { await sleep(400); await reopen(); continue; }
    tries += 1;
    if (!option) continue;
    option.dispatchEvent(new MouseEvent('mousedown', {bubbles: true, cancelable: true}));
    input.blur();
    return;
  }
  throw new Error(`There is no choice “${words}”.`);
}

async function setControl(selector, value) {
  const box = await at(selector), list = box.matches('[role=combobox]') ? box : box.querySelector('[role=combobox]');
  if (list) return list.value === String(value) ? undefined : choose(list, String(value));
  const choice = [...box.querySelectorAll('label')].find((label) => label.textContent.trim() === String(value));
  if (choice) return choice.click();
  const input = box.matches('input') ? box : box.querySelector('input[type=range], input[type=number], input[type=checkbox], input');
  await usable(input);
  if (input.type === 'checkbox') return input.checked === (String(value) === 'true') ? undefined : input.click();
  if (/number|range/.test(input.type) && (value === '' || !Number.isFinite(Number(value)))) throw new Error(`“${value}” is not a number.`);
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, value);
  for (const name of ['input', 'change', 'pointerup']) input.dispatchEvent(new Event(name, {bubbles: true}));
}

// What a control holds, in the words that set it again; null where there is nothing to read.
function valueOf(box) {
  const list = box.matches('[role=combobox]') ? box : box.querySelector('[role=combobox]');
  if (list) return list.value;
  const chosen = box.querySelector('input[type=radio]:checked');
  if (chosen) return chosen.closest('label').textContent.trim();
  const input = box.matches('input') ? box : box.querySelector('input[type=range], input[type=number], input[type=checkbox], input[type=text]');
  return !input ? null : input.type === 'checkbox' ? String(input.checked) : input.value;
}

// Resolves when Gradio has answered all that the page has asked, or after twenty seconds.
let unanswered = 0;
const plainly = window.fetch;
window.fetch = async (...asked) => {
  const counts = /\/run\/predict/.test(asked[0]?.url ?? asked[0]);
  unanswered += counts;
  try { return await plainly(...asked); } finally { unanswered -= counts; }
};
async function settled() {
  for (let quiet = 0, tries = 0; quiet < 4 && tries < 200; tries += 1) {
    await sleep(100);
    quiet = unanswered ? 0 : quiet + 1;
  }
}

// An address without the settings of a run: the names of the form's fields.
function withoutSettings(address) {
  for (const name of [...address.searchParams.keys()]) if (name === 'preset' || document.getElementById(`field-${name}`)) address.searchParams.delete(name);
  return address;
}

async function openTab(name) {
  const tabs = document.querySelector('#tabs');
  if (tabs.dataset.tab === name) return;
  tabs.querySelector(`:scope > .tab-wrapper [role=tab][data-tab-id="${CSS.escape(name)}"]`).click();
  await sleep(250);
}

// A run on the Train tab, beside another one if one is named.
async function openRun(run, compare = '', epoch = undefined) {
  await openTab('train');
  // The tab may just be being built: it hears only what is said after that.
  for (let tries = 0; ; tries += 1) {
    document.dispatchEvent(new CustomEvent('ganapp-run', {detail: {run, compare, epoch}}));
    try { return await at(`.live[data-run="${run}"][data-other="${compare}"]`, 2000); } catch (error) { if (tries > 3) throw error; }
  }
}

// The whole address of something of the app's, which may lie below the root of its host.
const addressOf = (path) => new URL(path, location.origin + location.pathname.replace(/[^/]*$/, '')).href;

// Whether the page's own address leads others nowhere.
const isLocal = () => /^(localhost|127\.|\[::1\])/.test(location.hostname);

window.ganapp = {addressOf, isLocal, openTab, openRun, sleep, at, setControl, settled, usable, valueOf, withoutSettings};
