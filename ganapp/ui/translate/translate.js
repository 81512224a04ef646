const root = element.querySelector('.translate'), find = (selector) => root.querySelector(selector);
const tell = teller(find('.explore-problem')), editor = makeEditor(find('.editor'), () => translate(), tell);
let shown = null, domain = 0;

const translate = newestOnly(
  async () => {
    const asked = shown;
    const answer = asked && await server.trip({model: shown.model, domain, picture: editor.small()});
    return asked === shown && answer;
  },
  (answer) => {
    tell(answer.problem);
    if (answer.problem) return;
    lineUp(find('.translate-trip'), answer.pictures);
    find('.translate-note').textContent = answer.note;
    root.dataset.trips = String(Number(root.dataset.trips || 0) + 1);
  },
);

function turn(to) {
  domain = to;
  const own = shown.domains[domain];
  [...find('.translate-directions').children].forEach((button, i) => button.setAttribute('aria-pressed', String(i === domain)));
  const grid = find('.translate-grid');
  grid.hidden = false;
  grid.querySelector('img').src = own.grid;
  grid.querySelector('img').alt = own.alt;
  grid.querySelector('figcaption').textContent = `All ten: ${own.name}, as ${shown.domains[1 - domain].name}, and back.`;
  editor.lay({side: shown.side, ...own});
}

function draw() {
  shown = accepted(root, tell, props.value);
  if (!shown) return;
  find('.translate-directions').replaceChildren(...shown.domains.map((own, i) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sheet-button';
    button.textContent = `${own.name} → ${shown.domains[1 - i].name}`;
    button.addEventListener('click', () => turn(i));
    return button;
  }));
  turn(Math.min(domain, 1));
}
watch('value', draw);
draw();
