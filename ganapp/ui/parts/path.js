const root = element.querySelector('.explore-path'), rows = root.querySelector('.explore-rows');
const curve = [root.querySelector('.explore-curve'), root.querySelector('.explore-legend')], svg = root.querySelector('.explore-plot svg'), tell = teller(root.querySelector('.explore-problem'));

function shape(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  svg.append(made);
}

function drawRows(shown) {
  rows.replaceChildren(...shown.rows.map((row) => {
    const line = document.createElement('div'), name = document.createElement('span'), frames = document.createElement('div');
    line.className = 'explore-row';
    line.dataset.mode = row.mode || '';
    name.className = 'explore-name';
    name.textContent = row.name || row.mode;
    frames.className = 'explore-frames';
    for (const frame of row.frames) {
      const image = document.createElement('img');
      image.src = frame.src;
      image.alt = frame.alt;
      image.addEventListener('click', () => { root.dataset.jump = `${frame.percent}`; trigger('select', {percent: frame.percent, mode: row.mode || ''}); });
      frames.append(image);
    }
    line.append(name, frames);
    return line;
  }));
}

function drawCurves(shown) {
  const all = [...shown.lengths.lerp, ...shown.lengths.slerp, ...shown.usual];
  const low = 0.96 * Math.min(...all), high = 1.02 * Math.max(...all), last = shown.lengths.lerp.length - 1;
  const X = (i) => (50 + 1000 * i / last).toFixed(1), Y = (value) => (100 - 100 * (value - low) / (high - low || 1)).toFixed(2);
  svg.replaceChildren();
  shape('rect', {class: 'explore-usual', x: 0, width: 1100, y: Y(shown.usual[1]), height: Y(shown.usual[0]) - Y(shown.usual[1])});
  for (const mode of ['lerp', 'slerp']) {
    shape('polyline', {class: `explore-${mode}`, points: shown.lengths[mode].map((value, i) => `${X(i)},${Y(value)}`).join(' ')});
  }
  for (const [name, value] of [['.explore-high', shown.usual[1]], ['.explore-low', shown.usual[0]]]) {
    const tick = root.querySelector(name);
    tick.textContent = value.toFixed(1);
    tick.style.top = `${Y(value)}%`;
  }
  svg.setAttribute('aria-label', shown.alt);
}

function draw() {
  const shown = props.value;
  if (!shown) return;
  tell(shown.problem);
  root.classList.toggle('is-refused', shown.problem !== undefined);
  if (shown.problem !== undefined) return;
  root.style.setProperty('--frames', shown.rows[0].frames.length);
  drawRows(shown);
  for (const part of curve) part.hidden = !shown.lengths;
  if (shown.lengths) drawCurves(shown);
  root.dataset.drawn = String(Number(root.dataset.drawn || 0) + 1);
}
watch('value', draw);
draw();
