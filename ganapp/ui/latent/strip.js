const root = element.querySelector('.explore-strip'), image = root.querySelector('img');

function draw() {
  const shown = props.value;
  root.hidden = !shown || !shown.src;
  if (root.hidden) return;
  image.src = shown.src;
  image.alt = shown.alt;
  image.hidden = false;
  root.style.setProperty('--frames', shown.tiles);
}
watch('value', draw);
draw();
