// A lesson beside the page: it opens tabs, sets the page's own controls, presses its buttons and reads its figures.
const dock = element.querySelector('.dock'), find = (selector) => dock.querySelector(selector);
const lessons = new Map(props.value.lessons.map((lesson) => [lesson.name, lesson]));
const STORE = 'ganapp-lessons', {sleep, at, setControl, settled, usable, openTab, openRun} = window.ganapp;
let lesson = null, place = 0, turn = 0;  // every step shown is a turn: what an earlier one still waits for is dropped

const progress = () => { try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch { return {}; } };
function keepProgress() {
  const known = progress(), before = known[lesson.name] || 0;
  known[lesson.name] = Math.max(before, place + 1);
  try { localStorage.setItem(STORE, JSON.stringify(known)); } catch { /* a private window keeps nothing */ }
  document.dispatchEvent(new CustomEvent('ganapp-progress', {detail: known}));
}

// The page gives way to the lesson: at the left, or on a phone below. (The framework would change the selectors of a rule for this.)
function makeRoom() {
  const page = document.querySelector('.gradio-container'), wide = window.matchMedia('(min-width: 900px)').matches;
  page.style.setProperty('padding-left', lesson && wide ? `${dock.offsetWidth}px` : '0', 'important');
  page.style.setProperty('padding-bottom', lesson && !wide ? '54vh' : '0', 'important');
  window.dispatchEvent(new Event('resize'));
}

// A recorded run on the Train tab, beside another one where the step says so.
const showRecording = (one) => openRun(`recording-${one.recording}`, one.compare && `recording-${one.compare}`, one.epoch);

async function press(one) {
  if (one.maybe && !document.querySelector(one.press)?.checkVisibility()) return;
  for (let done = 0; done < one.times; done += 1) {
    (await usable(await at(one.press))).click();
    await sleep(one.times > 1 ? 60 : 0);
  }
}

async function act(list) {
  for (const one of list) {
    if (one.open) await openTab(one.open);
    else if (one.recording) await showRecording(one);
    else if (one.press) await press(one);
    else await setControl(one.control, one.to);
    await sleep(80);
  }
}

// A step's figure: a number in a text, or in what an attribute holds.
function read(figure) {
  const place = [...document.querySelectorAll(figure.at)].find((one) => one.checkVisibility()) || document.querySelector(figure.at);
  const text = !place ? '' : figure.data ? place.dataset[figure.data] ?? '' : place.textContent;
  const numbers = text.replace(/−/g, '-').replace(/,(?=\d{3})/g, '').match(/-?\d+(\.\d+)?(e-?\d+)?/g) || [];
  const number = numbers.at(figure.nth > 0 ? figure.nth - 1 : figure.nth);
  return number === undefined ? text.trim() || '–' : Number(number);
}

// Whether what the step waits for has come before another step is shown; `late` is called once where its time runs out first.
async function waited(step, now, late) {
  const {wait, figures} = step.act;
  if (!wait) return true;
  let end = performance.now() + 1000 * wait.seconds;
  for (; now === turn; await sleep(120)) {
    const value = wait.figure && read(figures[wait.figure]), left = Math.ceil((end - performance.now()) / 1000);
    if (typeof value === 'number' && value >= (wait.least ?? -Infinity) && value <= (wait.most ?? Infinity)) return true;
    if (left <= 0 && !wait.figure) return true;
    find('.dock-wait').hidden = left <= 0 || end === Infinity;
    find('.dock-wait').textContent = `Watch: at most ${left} s.`;
    if (left > 0) continue;
    late();
    end = Infinity;
  }
  return false;
}

function mark(selector) {
  for (const old of document.querySelectorAll('.is-watched')) old.classList.remove('is-watched');
  const seen = selector && [...document.querySelectorAll(selector)].find((one) => one.checkVisibility());
  if (!seen) return;
  seen.classList.add('is-watched');
  seen.scrollIntoView({block: 'nearest'});
}

async function run(step, chosen) {
  const now = turn;
  find('.dock-run').hidden = true;
  dock.dataset.state = 'running';
  try {
    await act(step.act.run);
    mark(step.act.watch);
    if (!await waited(step, now, () => tellLate(step))) return;
    if (step.act.then.length) { await act(step.act.then); await sleep(400); }  // what is told stays in sight
    if (now === turn) tellResult(step, chosen);
  } catch (error) {
    if (now === turn) tellReveal(`${error.message} Press Next to go on.`);
  } finally {
    if (now === turn) find('.dock-wait').hidden = true;
  }
}

// The step's figures as they are now, and in words.
function figuresOf(step) {
  const values = Object.fromEntries(Object.entries(step.act.figures).map(([name, figure]) => [name, read(figure)]));
  const said = ([name, value]) => [name, typeof value === 'number' && step.act.figures[name].digits !== null ? value.toFixed(step.act.figures[name].digits) : value];
  dock.dataset.figures = JSON.stringify(values);
  return Object.fromEntries(Object.entries(values).map(said));
}

// Nothing is claimed that has not been seen.
function tellLate(step) {
  const now = Object.entries(figuresOf(step)).map((pair) => pair.join(' ')).join(', ');
  tellReveal(`It has not come so far within ${step.act.wait.seconds} s: ${now}. Watch on, or press Next.`, 'late');
}

function tellResult(step, chosen) {
  const figures = figuresOf(step), {ask, reveal} = step.act;
  const verdict = !ask || chosen === undefined ? '' : chosen + 1 === ask.right ? 'As you said. ' : `Not quite: ${ask.choices[ask.right - 1]} `;
  [...find('.dock-choices').children].forEach((button, number) => button.classList.toggle('is-right', ask && number + 1 === ask.right));
  tellReveal(verdict + reveal.replace(/\{(\w+)\}/g, (_, name) => figures[name]));
}

function tellReveal(text, state = 'revealed') {
  find('.dock-reveal').hidden = !text;
  find('.dock-reveal').textContent = text;
  find('.dock-note').hidden = !lesson.steps[place].act.note;
  find('.dock-note').textContent = lesson.steps[place].act.note;
  const {do: first, run: then} = lesson.steps[place].act;
  find('.dock-live').hidden = ![...first, ...then].some((one) => one.recording);
  dock.dataset.state = state;
  find('.dock-next').focus({preventScroll: true});
  find('.dock-reveal').scrollIntoView({block: 'nearest'});
}

// What the steps from number `first` to the one before this one would have set, for whoever comes by a link or reloads: of the
// recordings only the last.
async function setUp(first, step) {
  const acts = lesson.steps.slice(first, place).flatMap((earlier) => earlier.act.do);
  const last = step.act.do.some((one) => one.recording) ? -1 : acts.findLastIndex((one) => one.recording);
  if (acts.length) await settled();
  for (const one of acts.filter((each, number) => !each.recording || number === last)) {
    try { await act([one]); } catch { /* it may need what an earlier run would have brought */ }
    await settled();  // or the answer to a list would come after what is set next
  }
}

async function show(first = place) {
  turn += 1;
  const now = turn, step = lesson.steps[place], ask = step.act.ask, runs = step.act.run.length || step.act.wait;
  keepProgress();
  dock.hidden = false;
  makeRoom();
  Object.assign(dock.dataset, {lesson: lesson.name, step: place + 1, state: 'setting', figures: ''});
  find('.dock-lesson').textContent = lesson.head.title;
  find('.dock-count').textContent = `${place + 1} of ${lesson.steps.length}`;
  find('.dock-bar i').style.width = `${100 * (place + 1) / lesson.steps.length}%`;
  find('.dock-step h3').textContent = step.title;
  find('.dock-text').innerHTML = step.text;
  find('.dock-live').hidden = true;
  for (const part of ['.dock-ask', '.dock-run', '.dock-wait', '.dock-reveal', '.dock-note']) find(part).hidden = true;
  find('[data-do=back]').disabled = place === 0;
  find('.dock-next').textContent = place === lesson.steps.length - 1 ? 'Finish' : 'Next';
  address();
  mark(null);
  let missing = '';
  await setUp(first, step);
  if (now !== turn) return;
  try { await act(step.act.do); } catch (error) { missing = error.message; }
  if (now !== turn) return;
  if (missing) { tellReveal(`${missing} Press Next to go on.`); return; }
  mark(step.act.watch);
  dock.dataset.state = 'waiting';
  if (ask) showChoices(step, ask);
  else if (runs) find('.dock-run').hidden = false;
  else {
    find('.dock-note').hidden = !step.act.note;
    find('.dock-note').textContent = step.act.note;
    if (step.act.reveal) run(step);
    else dock.dataset.state = 'revealed';
  }
}

function showChoices(step, ask) {
  find('.dock-ask').hidden = false;
  find('.dock-ask legend').textContent = ask.question;
  find('.dock-choices').replaceChildren(...ask.choices.map((text, number) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sheet-button';
    button.textContent = text;
    button.addEventListener('click', () => {
      for (const other of find('.dock-choices').children) {
        other.disabled = true;
        other.setAttribute('aria-pressed', String(other === button));
      }
      run(step, number);
    });
    return button;
  }));
}

// The lesson and its step stand in the address, so that a link leads to them.
function address() {
  const link = new URL(location.href);
  if (lesson) { link.searchParams.set('lesson', lesson.name); link.searchParams.set('step', place + 1); } else { link.searchParams.delete('lesson'); link.searchParams.delete('step'); }
  window.history.replaceState(null, '', link);
}

function begin(name, step = 0) {
  lesson = lessons.get(name);
  if (!lesson) return;
  place = Math.min(lesson.steps.length - 1, Math.max(0, step));
  show(0);
}

function end() {
  turn += 1;
  mark(null);
  lesson = null;
  dock.hidden = true;
  makeRoom();
  address();
}

// A word of the glossary opens where it stands, in a lesson or anywhere else.
const card = element.querySelector('.term-card'), words = new Map(props.value.glossary.map((one) => [one.term, one]));
document.addEventListener('click', (event) => {
  const word = event.target.closest?.('.term'), known = word && words.get(word.dataset.term);
  if (!known) return;
  card.querySelector('b').textContent = known.term;
  card.querySelector('p').textContent = known.text;
  const more = card.querySelector('.term-more');
  more.hidden = !lessons.has(known.lesson) || (lesson && lesson.name === known.lesson);
  more.textContent = more.hidden ? '' : `Lesson: ${lessons.get(known.lesson).head.title}`;
  more.dataset.lessonName = known.lesson;
  card.showPopover();
  const place = word.getBoundingClientRect(), {offsetWidth: wide, offsetHeight: high} = card;
  card.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - wide - 8))}px`;
  card.style.top = `${place.bottom + high + 8 < window.innerHeight ? place.bottom + 6 : Math.max(8, place.top - high - 6)}px`;
});
card.querySelector('.term-more').addEventListener('click', () => card.hidePopover());

window.matchMedia('(min-width: 900px)').addEventListener('change', makeRoom);
document.addEventListener('ganapp-present', makeRoom);
find('[data-do=end]').addEventListener('click', end);
find('[data-do=back]').addEventListener('click', () => { place -= 1; show(); });
find('.dock-next').addEventListener('click', () => {
  if (place < lesson.steps.length - 1) { place += 1; show(); return; }
  end();
  openTab('lessons');
});
find('.dock-live').addEventListener('click', () => press({press: '#start', times: 1}).catch((error) => tellReveal(error.message)));
find('.dock-run').addEventListener('click', () => run(lesson.steps[place]));
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('[data-lesson-name]');
  if (link) begin(link.dataset.lessonName);
});
const asked = new URLSearchParams(location.search), wanted = asked.get('lesson');
if (wanted && lessons.has(wanted)) {
  const ready = setInterval(() => {
    if (!document.querySelector('#tabs[data-tab]')) return;
    clearInterval(ready);
    begin(wanted, Number(asked.get('step') || 1) - 1 || 0);
  }, 100);
}
