const figure = element.querySelector('figure'), image = figure.querySelector('img');
const caption = figure.querySelector('figcaption'), tell = teller(figure.querySelector('.explore-problem'));
const card = element.closest('.explore-card'), follows = props.follows || [];
let ask = null, generation = 0;

function show(shown) {
  const refused = shown.problem !== undefined;
  tell(shown.problem);
  figure.classList.toggle('is-refused', refused);
  ask = shown.ask || ask;
  if (refused) return;
  image.src = shown.src;
  image.alt = shown.alt;
  image.hidden = false;
  // A whole number of screen pixels for each of the picture's, so that every one is equally large.
  image.width = image.height = Math.max(1, Math.round(288 / shown.side)) * shown.side;
  caption.textContent = shown.note || '';
  figure.dataset.at = shown.at || '';
  for (const [id, place] of Object.entries(shown.marks || {})) {
    const marked = document.getElementById(id);
    if (!marked) continue;
    marked.style.setProperty('--place', place);
    if (shown.mode) marked.dataset.mode = shown.mode;
  }
}

// While a slider or the pad is dragged, the picture asks the server itself and keeps only the newest request: an event of the page's
// own would first visit every component of the page, which takes a slow laptop longer than drawing takes the server.
function moves() {
  return follows.map((id) => {
    const control = document.querySelector(`#${id} input[type=range], #${id} [data-value]`);
    return control.dataset.value === undefined ? Number(control.value) : control.dataset.value;
  });
}

const follow = newestOnly(async () => {
  const asked = generation;
  const shown = ask && await server.follow({ask, moves: moves()});
  return asked === generation && shown;
}, show);

if (card && follows.length) {
  const selector = follows.map((id) => `#${id}`).join(', ');
  card.addEventListener('input', (event) => {
    if (!event.target.closest(selector)) return;
    // A number that is typed reaches its slider a moment later.
    if (event.target.type === 'number') setTimeout(follow, 50); else follow();
  });
}

function draw() {
  if (!props.value) return;
  generation += 1;
  show(props.value);
}
watch('value', draw);
draw();
