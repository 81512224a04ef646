const figure = element.querySelector('figure'), image = figure.querySelector('img'), button = figure.querySelector('button');
const status = figure.querySelector('[role=status]'), tell = teller(figure.querySelector('.explore-problem'));
let shown = null;

// Nothing moves before the button is pressed, so nobody who wants less motion has to stop it.
function state(name) {
  figure.dataset.state = name;
  button.textContent = name === 'still' ? 'Play the walk' : 'Stop';
  button.setAttribute('aria-pressed', String(name !== 'still'));
  status.textContent = name === 'making' ? 'Drawing the frames…' : '';
}

function play() {
  if (shown.animation) {
    image.src = shown.animation;
    image.alt = `Animation. ${shown.alt}`;
    state('moving');
  } else {
    state('making');
    trigger('play');
  }
}

function still() {
  image.src = shown.poster;
  image.alt = `First frame. ${shown.alt}`;
  state('still');
}

button.addEventListener('click', () => figure.dataset.state === 'still' ? play() : still());

function draw() {
  const wanted = figure.dataset.state !== 'still';
  if (!props.value) return;
  tell(props.value.problem);
  figure.classList.toggle('is-refused', !!props.value.problem);
  button.disabled = !!props.value.problem;
  if (props.value.problem) return state('still');
  shown = {...props.value};
  image.hidden = false;
  const factor = Math.max(1, Math.round((shown.columns > 1 ? 480 : 288) / (shown.side * shown.columns)));
  image.width = factor * shown.side * shown.columns;
  image.style.aspectRatio = `${shown.columns} / ${shown.rows}`;
  if (wanted) play(); else still();
}
watch('value', draw);
draw();
