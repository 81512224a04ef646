const root = element.querySelector('.steps'), find = (selector) => root.querySelector(selector), tell = teller(find('.steps-problem'));
const live = () => document.querySelector('.live').dataset;
const page = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const text = (value) => (Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(3));
let known = '';

async function act(what) {
  for (const button of root.querySelectorAll('button')) button.disabled = true;
  try {
    const answer = await server.ask({page, run: live().run, act: what});
    tell(answer.problem);
    if (!answer.problem) show(answer);
    find('.steps-cards').hidden = find('.steps-legend').hidden = find('.steps-caption').hidden = Boolean(answer.problem);
  } catch {
    tell('The app did not answer. Try again in a moment.');
  }
  for (const button of root.querySelectorAll('button')) button.disabled = false;
}

function picture(source, alt) {
  const image = document.createElement('img');
  image.src = source;
  image.alt = alt;
  return image;
}

function show(answer) {
  root.dataset.step = answer.step;
  root.dataset.halfway = answer.halfway;
  root.dataset.act = answer.act;
  find('.steps-caption').textContent = answer.caption;
  find('.steps-cards').replaceChildren(...answer.cards.map((card, number) => {
    const item = document.createElement('li'), said = document.createElement('span'), bar = document.createElement('i'), norm = document.createElement('small');
    const changed = card.before !== card.after && answer.act !== 'look';
    said.textContent = changed ? `${text(card.before)} → ${text(card.after)}` : text(card.after);
    said.title = answer.critic ? 'Score of the critic, before and after' : 'D(G(z)), before and after';
    bar.hidden = answer.critic;
    bar.style.setProperty('--before', card.before);
    bar.style.setProperty('--after', card.after);
    norm.textContent = `pull ${card.norm.toPrecision(2)}`;
    norm.title = 'Norm of the gradient at this picture';
    item.append(picture(card.picture, `Generated picture ${number + 1}`), picture(card.pull, `The pull on picture ${number + 1}`), said, bar, norm);
    return item;
  }));
}

root.addEventListener('click', (event) => { if (event.target.dataset.act) act(event.target.dataset.act); });
// Another run, or the same one later: what is shown is not of it.
document.addEventListener('ganapp-drawer', (event) => {
  if (event.detail !== 'steps') return;
  const now = `${live().run} ${live().state} ${live().step}`;
  if (now !== known) { known = now; act('look'); }
});
