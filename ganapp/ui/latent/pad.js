const pad = element.querySelector('.explore-pad');
const clamped = (value) => Math.min(1, Math.max(0, value));
let x = 0.5, y = 0.5, dragging = null, settled = 0;

function show() {
  pad.style.setProperty('--x', x);
  pad.style.setProperty('--y', y);
  pad.dataset.value = `${x.toFixed(4)},${y.toFixed(4)}`;
  pad.setAttribute('aria-valuenow', Math.round(100 * x));
  pad.setAttribute('aria-valuetext', `${Math.round(100 * x)} % to the right, ${Math.round(100 * y)} % down`);
}

function moveTo(newX, newY) {
  [x, y] = [clamped(newX), clamped(newY)];
  show();
  pad.dispatchEvent(new Event('input', {bubbles: true}));
  // The page learns of the place once it stays; the picture follows at once.
  clearTimeout(settled);
  settled = setTimeout(() => { props.value = pad.dataset.value; }, 120);
}

// The four seeds lie in the middle of the corner tiles, so places reach from there to there.
function follow(event) {
  const box = pad.getBoundingClientRect(), tiles = Number(props.tiles);
  const along = (place, length) => (place / length * tiles - 0.5) / (tiles - 1);
  moveTo(along(event.clientX - box.left, box.width), along(event.clientY - box.top, box.height));
}

pad.addEventListener('pointerdown', (event) => {
  if (event.button) return;
  event.preventDefault();
  pad.focus({preventScroll: true});
  pad.setPointerCapture(event.pointerId);
  dragging = event.pointerId;
  follow(event);
});
pad.addEventListener('pointermove', (event) => { if (event.pointerId === dragging) follow(event); });
for (const name of ['pointerup', 'pointercancel']) pad.addEventListener(name, () => { dragging = null; });
pad.addEventListener('keydown', (event) => {
  const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  const step = event.shiftKey ? 0.1 : 0.02;
  if (event.key in moves) moveTo(x + step * moves[event.key][0], y + step * moves[event.key][1]);
  else if (event.key === 'Home') moveTo(0, 0);
  else if (event.key === 'End') moveTo(1, 1);
  else return;
  event.preventDefault();
});
if (typeof props.value === 'string' && props.value.includes(',')) [x, y] = props.value.split(',').map(Number);
show();
