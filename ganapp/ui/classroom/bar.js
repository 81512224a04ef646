// The room that the page is in, by its address: it says again and again that it is there, and hears what the teacher wants.
const bar = document.querySelector('.room-bar'), spot = (selector) => bar.querySelector(selector);
const CODE = /^[A-Z]{5}$/, EVERY = 3000;
const kept = (name) => { try { return sessionStorage.getItem(`ganapp-${name}`) || ''; } catch { return ''; } };
const keep = (name, value) => { try { sessionStorage.setItem(`ganapp-${name}`, value); } catch { /* the page alone remembers */ } };
const room = window.ganapp.room = {code: '', key: '', ask, join, leave, out};
let telling = 0, member = '', lastTask = '';

// Asks the server; a refusal has a `problem`, and is `over` where the room has ended.
async function ask(path, question = {}) {
  try {
    const answer = await fetch(window.ganapp.addressOf(`rooms${path}`), {method: 'POST', body: JSON.stringify(question), cache: 'no-store'});
    return await answer.json();
  } catch {
    return {problem: 'The app did not answer: check the connection.', lost: true};
  }
}

function tellOthers() { document.dispatchEvent(new CustomEvent('ganapp-room')); }

// The page is in a room from now on, as its teacher if it has the key.
function join(code, key = '') {
  room.code = code;
  room.key = key || kept(`teacher-${code}`);
  if (room.key) keep(`teacher-${code}`, room.key);
  member = kept(`member-${code}`) || crypto.getRandomValues(new Uint32Array(4)).join('-');
  keep(`member-${code}`, member);
  lastTask = kept(`task-${code}`);
  const address = new URL(location.href);
  address.searchParams.set('room', code);
  address.hash = '';
  window.history.replaceState(null, '', address);
  spot('.room-name').textContent = `Room ${code}`;
  spot('.room-me').hidden = Boolean(room.key);
  spot('.room-said').textContent = room.key ? 'You are its teacher.' : '';
  bar.hidden = false;
  tellOthers();
  come();
}

// The page is in no room any more, for the reason in the sentence.
function out(sentence) {
  clearTimeout(telling);
  if (!room.code) return;
  const address = new URL(location.href);
  address.searchParams.delete('room');
  window.history.replaceState(null, '', address);
  Object.assign(room, {code: '', key: ''});
  bar.dataset.frozen = false;
  for (const part of ['.room-me', '.room-task', '.room-leave', '[data-open-tab]']) spot(part).hidden = true;
  spot('.room-name').textContent = '';
  spot('.room-said').textContent = sentence;
  bar.hidden = !sentence;
  tellOthers();
}

async function leave() {
  if (room.code && !room.key) await ask(`/${room.code}/leave`, {member});
  out('');
}

// Says that the page is there, under which name, and with which run of its own.
async function come() {
  clearTimeout(telling);
  const code = room.code, live = document.querySelector('.live');
  if (!code || room.key) return;
  const mine = live && live.dataset.claim ? {run: live.dataset.run, claim: live.dataset.claim} : {};
  const answer = await ask(`/${code}/enter`, {member, name: spot('input').value, ...mine});
  if (code !== room.code) return;
  if (answer.over) return out(`${answer.problem} Your run goes on.`);
  if (answer.problem) spot('.room-said').textContent = answer.problem;
  else hear(answer);
  telling = setTimeout(come, EVERY);
}

function hear(answer) {
  bar.dataset.frozen = answer.frozen;
  spot('input').placeholder = answer.name;
  spot('.room-said').textContent = answer.frozen ? 'Your teacher has stopped all runs for a moment.' : answer.task ? answer.task.title : '';
  const go = spot('.room-task'), task = answer.task;
  go.hidden = !task;
  if (!task) return;
  const address = new URL(`?${task.query}`, location.origin + location.pathname);
  address.searchParams.set('room', room.code);
  go.href = address.href;
  go.textContent = 'Go there';
  go.dataset.done = lastTask === String(task.number);
  go.dataset.number = task.number;
}

spot('.room-task').addEventListener('click', (event) => { lastTask = event.currentTarget.dataset.number; keep(`task-${room.code}`, lastTask); });
spot('.room-leave').addEventListener('click', leave);
spot('input').addEventListener('change', (event) => { try { localStorage.setItem('ganapp-first-name', event.target.value); } catch { /* for this page only */ } come(); });
try { spot('input').value = localStorage.getItem('ganapp-first-name') || ''; } catch { /* a guest */ }

// In capitals: old links to theory rooms have small letters there.
const code = new URLSearchParams(location.search).get('room') || '', key = new URLSearchParams(location.hash.slice(1)).get('teacher') || '';
if (CODE.test(code)) join(code, key);
