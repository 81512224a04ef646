const root = element.querySelector('.evaluate'), find = (selector) => root.querySelector(selector);
const table = find('.evaluate-figures'), svg = find('.evaluate-overlap svg');
let points = [], stopped = 0;

function part(kind, text, attributes = {}) {
  const made = document.createElement(kind);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// A heading or a figure with something smaller below it.
function cell(kind, text, below, attributes) {
  const made = part(kind, '', attributes);
  made.append(part('b', text), part('small', below));
  return made;
}

function drawTable(value) {
  const kinds = value.columns.map((column) => column.real ? 'is-real' : '');
  let number = 0;
  table.style.setProperty('--columns', value.columns.length);
  table.tHead.rows[0].replaceChildren(part('td'), ...value.columns.map((column, i) => {
    const made = cell('th', column.name, column.note, {scope: 'col', class: kinds[i]});
    if (!column.real) made.prepend(part('i', String(number += 1)));
    return made;
  }));
  table.tBodies[0].replaceChildren(...value.rows.map((row) => {
    const line = document.createElement('tr');
    line.append(cell('th', row.name, row.hint, {scope: 'row'}), ...row.cells.map((figure, i) => cell('td', figure.value || '–', figure.interval, {class: kinds[i]})));
    return line;
  }));
}

// Precision and recall on two axes that end at 1 and begin where there is something to see.
function drawPoints() {
  const width = svg.clientWidth;
  if (!width || !points.length) return;
  const margin = {left: 40, right: 16, top: 12, bottom: 38}, inner = width - margin.left - margin.right, tall = Math.min(300, 0.75 * inner);
  const ends = points.flatMap((point) => [point.precision[1], point.recall[1]]);
  const low = Math.max(0, Math.floor(10 * Math.min(...ends, 0.75)) / 10);
  const X = (value) => margin.left + inner * (value - low) / (1 - low), Y = (value) => margin.top + tall * (1 - value) / (1 - low);
  svg.setAttribute('viewBox', `0 0 ${width} ${tall + margin.top + margin.bottom}`);
  svg.style.height = `${tall + margin.top + margin.bottom}px`;
  svg.querySelectorAll(':scope > :not(title)').forEach((old) => old.remove());
  const axes = make(svg, 'g', {class: 'evaluate-axes'});
  for (const value of ticks(low, 1, 6)) {
    const text = String(Number(value.toFixed(2)));
    make(axes, 'line', {x1: X(value), x2: X(value), y1: Y(low), y2: Y(1)});
    make(axes, 'text', {x: X(value), y: Y(low) + 15, 'text-anchor': 'middle'}, text);
    make(axes, 'line', {x1: X(low), x2: X(1), y1: Y(value), y2: Y(value)});
    make(axes, 'text', {x: X(low) - 6, y: Y(value) + 4, 'text-anchor': 'end'}, text);
  }
  make(axes, 'text', {x: X((1 + low) / 2), y: Y(low) + 32, 'text-anchor': 'middle'}, 'recall');
  const name = [margin.left - 30, Y((1 + low) / 2)];
  make(axes, 'text', {x: name[0], y: name[1], 'text-anchor': 'middle', transform: `rotate(-90 ${name})`}, 'precision');
  let number = 0;
  for (const point of points) {
    const [p, pLow, pHigh] = point.precision, [r, rLow, rHigh] = point.recall, [x, y] = [X(r), Y(p)];
    const group = make(svg, 'g', {class: point.real ? 'is-real' : 'is-model'});
    make(group, 'path', {class: 'evaluate-whisker', d: `M${X(rLow)} ${y}H${X(rHigh)}M${x} ${Y(pLow)}V${Y(pHigh)}`});
    if (point.real) {
      make(group, 'path', {class: 'evaluate-dot', d: `M${x} ${y - 7}l7 7l-7 7l-7 -7Z`});
    } else {
      make(group, 'circle', {class: 'evaluate-dot', cx: x, cy: y, r: 8});
      make(group, 'text', {class: 'evaluate-number', x, y: y + 4, 'text-anchor': 'middle'}, String(number += 1));
    }
    make(group, 'title', {}, `${point.name}: precision ${p.toFixed(3)}, recall ${r.toFixed(3)}`);
  }
}

function draw() {
  const value = props.value;
  if (!value || (value.run && value.run < stopped)) return;
  if (!value.run) stopped = value.number;
  const bar = find('.evaluate-bar'), busy = value.percent !== null;
  bar.hidden = !busy;
  bar.firstElementChild.style.width = `${value.percent || 0}%`;
  bar.setAttribute('aria-valuenow', value.percent || 0);
  find('.evaluate-note').textContent = value.note;
  find('.evaluate-problems').replaceChildren(...value.problems.map((text) => part('p', text, {class: 'explore-problem'})));
  const measured = value.columns.filter((column) => !column.real).length;
  find('.evaluate-results').hidden = !measured;
  drawTable(value);
  points = value.points;
  const said = points.map((point) => `${point.name}: precision ${point.precision[0].toFixed(2)}, recall ${point.recall[0].toFixed(2)}`);
  svg.querySelector('title').textContent = `Precision against recall. ${said.join('; ')}.`;
  drawPoints();
  root.dataset.models = measured;
  root.dataset.state = busy ? 'busy' : value.example ? 'example' : measured ? 'done' : 'empty';
}
watch('value', draw);
draw();
new ResizeObserver(drawPoints).observe(svg);
