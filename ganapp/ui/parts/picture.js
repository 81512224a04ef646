const figure = element.querySelector('figure'), image = figure.querySelector('img');
const caption = figure.querySelector('figcaption'), tell = teller(figure.querySelector('.explore-problem'));

function show(shown) {
  const refused = shown.problem !== undefined;
  tell(shown.problem);
  figure.classList.toggle('is-refused', refused);
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

const take = follower(element.closest('.explore-card'), props.follows || [], server, show);

function draw() { if (props.value) take(props.value); }
watch('value', draw);
draw();
