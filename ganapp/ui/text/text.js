const root = element.querySelector('.text'), find = (selector) => root.querySelector(selector);
const tell = teller(find('.explore-problem'));
let shown = null, left = null;

// Shows the pictures without the pressed word, or none.
function compare(answer) {
  for (const place of ['.text-left-out', '.text-others']) find(place).hidden = !answer;
  for (const button of find('.text-words').querySelectorAll('button')) button.setAttribute('aria-pressed', String(Number(button.dataset.place) === left));
  if (!answer) return;
  find('.text-left-out').textContent = answer.note;
  lineUp(find('.text-others'), answer.pictures);
}

const leaveOut = newestOnly(
  async () => {
    const asked = shown, place = left;
    if (place === null) return null;
    const answer = await server.without({model: asked.model, text: asked.text, seed: asked.seed, place});
    return asked === shown && place === left && answer;
  },
  (answer) => {
    tell(answer.problem);
    if (!answer.problem) compare(answer);
  },
);

function chip(word) {
  if (word.mark || word.percent === null) {
    const plain = elementOf('span', word.word, word.known ? 'text-plain' : 'text-unknown');
    if (!word.known) plain.title = 'not known';
    return plain;
  }
  const button = elementOf('button', word.word, 'text-word');
  button.type = 'button';
  button.dataset.place = word.place;
  button.dataset.word = word.word.toLowerCase();
  button.dataset.percent = word.percent;
  button.title = `Without “${word.word}” a pixel changes by ${word.percent} % on average`;
  button.style.setProperty('--share', word.share.toFixed(2));
  button.append(elementOf('small', `${word.percent} %`));
  button.addEventListener('click', () => {
    left = left === word.place ? null : word.place;
    compare(null);
    leaveOut();
  });
  return button;
}

function draw() {
  const value = accepted(root, tell, props.value);
  if (!value) return;
  shown = value;
  left = null;
  lineUp(find('.text-row'), shown.pictures);
  find('.text-words').replaceChildren(...shown.words.map(chip));
  find('.text-note').textContent = shown.note;
  compare(null);
  root.dataset.text = shown.text;
  root.dataset.seed = shown.seed;
}
watch('value', draw);
draw();
