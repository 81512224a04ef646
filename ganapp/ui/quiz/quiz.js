const root = element.querySelector('.spot'), find = (selector) => root.querySelector(selector);
const tell = teller(find('.explore-problem')), image = find('.spot-frame img');
const SIGN = 800, ROOM = 5000;
let model = null, quiz = null, number = 0, open = false, began = 0, ticking = 0, pause = 0, missed = false;

const word = (real) => real ? 'real' : 'generated';
const say = (sentence) => { find('.spot-said').textContent = sentence; };

// Which of the three states is seen: start, play or result.
function turnTo(state) {
  root.dataset.state = state;
  for (const name of ['start', 'play', 'result']) find(`.spot-${name}`).hidden = name !== state;
}

// Stops clocks and forgets the quiz; the server forgets it by itself.
function leave() {
  cancelAnimationFrame(ticking);
  clearTimeout(pause);
  quiz = null;
  open = false;
}

// Asks the server; what it refuses, or that no answer came, is said.
async function ask(name, question) {
  try {
    const answer = await server[name](question);
    tell(answer.problem);
    return answer;
  } catch (error) {
    console.warn(error);
    tell('The app did not answer: check the connection, then try again.');
    return {problem: true};
  }
}

async function start() {
  leave();
  const go = find('.spot-go'), asked = model;
  go.disabled = true;
  go.textContent = 'Drawing pictures …';
  const made = await ask('start', {model, seconds: Number(find('input:checked').value), room: window.ganapp.room.code});
  go.disabled = false;
  go.textContent = 'Start';
  if (made.problem || asked !== model) return;
  quiz = made;
  number = 0;
  find('.spot-score').textContent = '';
  const factor = Math.max(1, Math.floor(352 / quiz.side));
  image.style.width = `${quiz.side * factor}px`;
  turnTo('play');
  root.focus({preventScroll: true});
  next();
}

async function next() {
  const now = quiz;
  find('.spot-sign').textContent = '';
  find('.spot-frame').dataset.sign = '';
  const shown = await ask('look', {quiz: now.quiz, number});
  if (quiz !== now) return;
  if (shown.problem) { leave(); turnTo('start'); return; }
  image.src = shown.src;
  image.hidden = false;
  const what = `Picture ${number + 1} of ${now.count}`;
  image.alt = `${what}, real or fake?`;
  find('.spot-place').textContent = what;
  find('.spot-class').textContent = shown.name ? `Requested class: ${shown.name}` : '';
  say(`${what}.${shown.name ? ` Requested class: ${shown.name}.` : ''}`);
  if (!number) find('.spot-play').scrollIntoView({block: 'nearest'});
  began = performance.now();
  missed = false;
  allow(true);
  tick();
}

function allow(yes) {
  open = yes;
  root.dataset.number = yes ? number : '';
  for (const button of root.querySelectorAll('.spot-answers button')) button.disabled = !yes;
}

function tick() {
  if (!quiz || !open) return;
  const spent = (performance.now() - began) / 1000, left = Math.max(0, quiz.seconds - spent);
  find('.spot-clock').textContent = quiz.seconds ? `${left.toFixed(1)} s left` : '';
  find('.spot-bar').style.visibility = quiz.seconds ? '' : 'hidden';
  find('.spot-bar i').style.width = quiz.seconds ? `${100 * left / quiz.seconds}%` : '0';
  if (quiz.seconds && !left && !missed) {
    missed = true;
    answer('');
    return;
  }
  ticking = requestAnimationFrame(tick);
}

async function answer(said) {
  if (!quiz || !open) return;
  const now = quiz;
  allow(false);
  const reply = await ask('answer', {quiz: now.quiz, number, said});
  if (quiz !== now) return;
  if (reply.problem) {
    // A forgotten quiz is over; an answer whose reply was lost may be given again.
    if (reply.over) { leave(); turnTo('start'); } else { allow(true); }
    return;
  }
  const truth = `it ${reply.real ? 'is real' : 'was generated'}`, sign = reply.right ? `Right: ${truth}` : reply.said ? `Wrong: ${truth}` : `Too late: ${truth}`;
  find('.spot-sign').textContent = `${reply.right ? '✓' : '✗'} ${sign}`;
  find('.spot-frame').dataset.sign = reply.right ? 'right' : 'wrong';
  find('.spot-score').textContent = `${reply.score} right`;
  say(`${sign}.`);
  number += 1;
  pause = setTimeout(() => reply.result ? finish(reply) : next(), SIGN);
}

function finish(reply) {
  const result = reply.result, count = quiz.count, rule = quiz.rule;
  leave();
  image.hidden = true;
  turnTo('result');
  const better = result.right - result.discriminator;
  find('.spot-title').textContent = better > 0 ? 'You beat the discriminator' : better < 0 ? 'The discriminator was better' : 'You and the discriminator are equal';
  const figures = [
    ['You', `${result.right} of ${count}`, 'people'], ['Discriminator', `${result.discriminator} of ${count}`, 'discriminator'], ['Mean time', `${result.seconds.toFixed(1)} s`, ''],
  ];
  find('.spot-figures').replaceChildren(...figures.map(([name, value, kind]) => {
    const pair = elementOf('div', '', kind && `is-${kind}`);
    pair.append(elementOf('dt', name), elementOf('dd', value));
    return pair;
  }));
  const half = count / 2, late = result.late ? ` The clock ran out ${result.late} times.`.replace(' 1 times', ' once') : '';
  const share = 100 * result.chance, chance = share < 0.1 ? 'less than 0.1' : share < 10 ? share.toFixed(1) : share.toFixed(0);
  find('.spot-summary').textContent = `You called ${result.taken_for_real} of ${half} generated pictures real, and ${result.taken_for_fake} of ${half} real ones generated.${late} `
    + `Guessing gives ${half} on average, and ${result.right} or more in ${chance} % of such quizzes.`;
  find('.spot-rule').textContent = rule;
  find('.spot-sheet').replaceChildren(...result.pictures.map(tile));
  room(reply.tally);
  say(`Done: you have ${result.right} of ${count} right, the discriminator ${result.discriminator}.`);
  find('.spot-title').focus({preventScroll: true});
  root.scrollIntoView({block: 'nearest'});
}

function tile(picture, i) {
  const figure = elementOf('figure', '', `is-${word(picture.real)}${picture.right ? '' : ' is-missed'}`), shown = document.createElement('img'), caption = document.createElement('figcaption');
  const said = picture.said || 'too late', right = picture.judged_real === picture.real;
  shown.src = picture.src;
  shown.alt = `Picture ${i + 1}${picture.name ? `, class ${picture.name}` : ''}`;
  caption.append(
    elementOf('b', word(picture.real)), elementOf('span', `you: ${said} ${picture.right ? '✓' : '✗'}`, picture.right ? '' : 'spot-wrong'),
    elementOf('span', `D: ${picture.judged_real ? 'real' : 'fake'} ${picture.score} ${right ? '✓' : '✗'}`, right ? '' : 'spot-wrong'),
  );
  figure.append(shown, caption);
  return figure;
}

function room(tally) {
  find('.spot-axis').lastChild.textContent = tally.people.length - 1;
  const bars = find('.spot-bars'), most = Math.max(1, ...tally.people), some = tally.quizzes > 0, [people, discriminator] = tally.means;
  root.dataset.quizzes = tally.quizzes;
  bars.hidden = !some;
  find('.spot-axis').hidden = !some;
  const quizzes = tally.quizzes === 1 ? '1 quiz was' : `${tally.quizzes} quizzes were`;
  find('.spot-tally').textContent = some
    ? `${quizzes} finished${window.ganapp.room.code ? ` in room ${window.ganapp.room.code}` : ''}. On average people have ${people.toFixed(1)} right, the discriminator ${discriminator.toFixed(1)} (blue line). The highest bar stands for ${most === 1 ? 'one quiz' : `${most} quizzes`}.`
    : 'Nobody has finished a quiz yet.';
  bars.setAttribute('aria-label', `How many quizzes ended with each score: ${tally.people.flatMap((n, k) => n ? [`${k} right: ${n}`] : []).join(', ')}.`);
  bars.replaceChildren(...tally.people.map((n, k) => {
    const bar = elementOf('i', '');
    bar.style.height = `${100 * n / most}%`;
    bar.title = `${k} right: ${n}`;
    return bar;
  }));
  if (some) {
    const line = elementOf('b', '');
    line.style.left = `${100 * (discriminator + 0.5) / tally.people.length}%`;
    bars.append(line);
  }
}

async function look() {
  const asked = model;
  try {
    const tally = asked === null ? null : await server.tally({model: asked, room: window.ganapp.room.code});
    if (tally && !tally.problem && asked === model) room(tally);
  } catch (error) {
    console.warn(error);
  }
}

root.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.said) { answer(button.dataset.said); root.focus({preventScroll: true}); }
  if (button.matches('.spot-go')) start();
  if (button.matches('.spot-again')) start();
  if (button.matches('.spot-stop')) { leave(); tell(''); say('Stopped.'); turnTo('start'); find('.spot-go').focus(); }
});
document.addEventListener('keydown', (event) => {
  if (!root.isConnected || !open || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target !== document.body && !root.contains(event.target)) return;
  const said = {ArrowLeft: 'real', r: 'real', R: 'real', ArrowRight: 'fake', f: 'fake', F: 'fake'}[event.key];
  if (!said || !root.checkVisibility()) return;
  event.preventDefault();
  answer(said);
});

function draw() {
  const value = props.value;
  if (!value) return;
  tell(value.problem);
  const chosen = value.problem === undefined ? value.model : null;
  find('.spot-go').disabled = chosen === null;
  if (chosen === model) return;
  model = chosen;
  leave();
  turnTo('start');
  look();
}
// The room goes on while somebody reads: looked at again as long as it is in sight and no picture is waiting.
setInterval(() => { if (!quiz && root.isConnected && root.checkVisibility() && !document.hidden) look(); }, ROOM);
watch('value', draw);
draw();
