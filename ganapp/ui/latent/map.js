const root = element.querySelector('.explore-map'), image = root.querySelector('img'), problem = root.querySelector('.explore-problem');

function draw() {
  const shown = props.value;
  if (!shown) return;
  problem.hidden = !shown.problem;
  problem.textContent = shown.problem || '';
  root.classList.toggle('is-refused', shown.problem !== undefined);
  if (shown.problem !== undefined) return;
  image.src = shown.src;
  image.alt = shown.alt;
  image.hidden = false;
}
watch('value', draw);
draw();
