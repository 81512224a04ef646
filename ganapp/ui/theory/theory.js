const root = element.querySelector('.theory'), find = (selector) => root.querySelector(selector);
const tell = teller(find('.explore-problem')), film = filmOf(find('.theory-film'), drawMoving);
const dashes = {solid: '', dashed: '7 4', dotted: '2 3'};
const colour = (name) => name === 'ink' ? 'var(--chart-ink)' : `var(--${name})`;
let shown = null, boards = [];

function make(parent, name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function legend(chart) {
  const row = document.createElement('span');
  row.className = 'theory-legend';
  for (const line of chart.lines) {
    const entry = document.createElement('span'), swatch = make(entry, 'svg', {viewBox: '0 0 30 8', 'aria-hidden': 'true'});
    make(swatch, 'path', {d: 'M1 4h28', stroke: colour(line.colour), 'stroke-dasharray': dashes[line.dash]});
    entry.append(line.name);
    row.append(entry);
  }
  return row;
}

function lay() {
  const place = find('.theory-charts');
  place.replaceChildren(...shown.charts.map((chart) => {
    const figure = document.createElement('figure'), caption = document.createElement('figcaption'), title = document.createElement('b');
    title.textContent = chart.title;
    caption.append(title, chart.lines.length > 1 ? legend(chart) : '');
    figure.append(caption);
    const svg = make(figure, 'svg', {role: 'img'});
    make(svg, 'title', {}, `${chart.title}. ${chart.alt}`);
    return figure;
  }));
  place.classList.toggle('has-squares', shown.charts.some((chart) => chart.square));
  boards = shown.charts.map((chart, i) => ({chart, svg: place.children[i].lastChild}));
  drawAll();
}

// Numbers along an axis; of logarithms, the numbers themselves.
function label(value, log) {
  if (!log) return String(Number(value.toPrecision(3)));
  return Number.isInteger(value) && Math.abs(value) > 2 ? `1e${value}` : String(Number((10 ** value).toPrecision(2)));
}

// Charts beside square ones are as tall; on a phone all are low, so that the controls stay in sight.
function tallness(chart, inner) {
  const row = find('.theory-charts'), narrow = row.clientWidth < 480;
  if (chart.square || (!narrow && shown.charts.some((other) => other.square))) return inner;
  return narrow ? 0.44 * inner : Math.min(240, Math.max(170, 0.55 * inner));
}

function drawBoard(board) {
  const {chart, svg} = board, width = svg.clientWidth, narrow = width < 200, margin = {left: narrow ? 26 : 44, right: narrow ? 8 : 16, top: chart.names[1] ? 20 : 8, bottom: 38};
  if (!width) return false;
  const inner = width - margin.left - margin.right, tall = tallness(chart, inner);
  const height = tall + margin.top + margin.bottom, [left, right] = chart.across, [low, high] = chart.up;
  board.X = (x) => margin.left + inner * (x - left) / (right - left);
  board.Y = (y) => margin.top + tall * (1 - (y - low) / (high - low));
  board.unit = inner / (right - left);
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.style.height = `${height}px`;
  svg.querySelectorAll(':scope > :not(title)').forEach((part) => part.remove());
  const frame = {x: margin.left, y: margin.top, width: inner, height: tall}, id = `theory-${Math.random().toString(36).slice(2)}`;
  make(make(svg, 'clipPath', {id}), 'rect', frame);
  const axes = make(svg, 'g', {class: 'theory-axes'});
  for (const value of ticks(low, high, tall / 45)) {
    make(axes, 'line', {x1: margin.left, x2: margin.left + inner, y1: board.Y(value), y2: board.Y(value)});
    make(axes, 'text', {x: margin.left - 6, y: board.Y(value) + 4, 'text-anchor': 'end'}, label(value, chart.log));
  }
  for (const value of ticks(left, right, inner / 55)) {
    make(axes, 'line', {x1: board.X(value), x2: board.X(value), y1: margin.top, y2: margin.top + tall});
    make(axes, 'text', {x: board.X(value), y: margin.top + tall + 16, 'text-anchor': 'middle'}, label(value));
  }
  make(axes, 'text', {x: margin.left + inner / 2, y: height - 4, 'text-anchor': 'middle', class: 'theory-name'}, chart.names[0]);
  if (chart.names[1]) make(axes, 'text', {x: margin.left, y: 12, class: 'theory-name'}, chart.names[1]);
  const still = make(svg, 'g', {'clip-path': `url(#${id})`});
  for (const level of chart.levels || []) {
    const y = board.Y(level.y), below = y < margin.top + 18;
    make(still, 'line', {class: 'theory-level', x1: margin.left, x2: margin.left + inner, y1: y, y2: y});
    make(still, 'text', {class: 'theory-name', x: margin.left + inner - 4, y: y + (below ? 14 : -5), 'text-anchor': 'end'}, level.text);
  }
  if (chart.arrows) drawArrows(board, still);
  board.moving = make(svg, 'g', {'clip-path': `url(#${id})`});
  for (const mark of chart.marks || []) {
    const dot = make(svg, 'circle', {class: 'theory-mark', cx: board.X(mark.x), cy: board.Y(mark.y), r: mark.text ? 4.5 : 6, fill: colour(mark.colour)});
    if (!mark.text) continue;
    make(dot, 'title', {}, mark.text);
    const [right, down, anchor] = mark.below ? [0, 17, 'middle'] : [8, 4, 'start'];
    if (!narrow) make(svg, 'text', {class: 'theory-name', x: board.X(mark.x) + right, y: board.Y(mark.y) + down, 'text-anchor': anchor}, mark.text);
  }
  return true;
}

function drawArrows(board, place) {
  const parts = board.chart.arrows.map(([x, y, dx, dy]) => {
    const [x1, y1, x2, y2] = [board.X(x), board.Y(y), board.X(x + dx), board.Y(y + dy)];
    const length = Math.hypot(x2 - x1, y2 - y1), turn = Math.atan2(y2 - y1, x2 - x1), head = Math.min(5, length / 2);
    const barb = (side) => `${(x2 - head * Math.cos(turn + side)).toFixed(1)},${(y2 - head * Math.sin(turn + side)).toFixed(1)}`;
    return `M${x1.toFixed(1)},${y1.toFixed(1)}L${x2.toFixed(1)},${y2.toFixed(1)}M${barb(0.5)}L${x2.toFixed(1)},${y2.toFixed(1)}L${barb(-0.5)}`;
  });
  make(place, 'path', {class: 'theory-arrows', d: parts.join('')});
}

// A line that noise has smeared out across.
function drawBand(board, line) {
  const id = `theory-${Math.random().toString(36).slice(2)}`, spread = make(board.moving, 'linearGradient', {id}), [y0, y1] = line.y;
  for (let at = -3; at <= 3; at += 0.25) {
    make(spread, 'stop', {offset: (at + 3) / 6, 'stop-color': colour(line.colour), 'stop-opacity': 0.7 * Math.exp(-at * at / 2)});
  }
  make(board.moving, 'rect', {x: board.X(line.x[0] - 3 * line.blur), width: 6 * line.blur * board.unit, y: board.Y(y1), height: board.Y(y0) - board.Y(y1), fill: `url(#${id})`});
}

function drawLine(board, line, share) {
  if (line.blur) drawBand(board, line);
  const films = Array.isArray(line.y[0]), ys = films ? line.y[Math.round(share * (line.y.length - 1))] : line.y;
  const count = line.grows ? Math.max(1, Math.round(share * (ys.length - 1)) + 1) : ys.length;
  let pen = 'M', path = '';
  for (let i = 0; i < count; i += 1) {
    if (ys[i] === null) { pen = 'M'; continue; }
    path += `${pen}${board.X(line.x[i]).toFixed(1)},${board.Y(ys[i]).toFixed(1)}`;
    pen = 'L';
  }
  if (line.fill) {
    make(board.moving, 'path', {class: 'theory-fill', fill: colour(line.colour), d: `${path}L${board.X(line.x.at(-1))},${board.Y(0)}L${board.X(line.x[0])},${board.Y(0)}Z`});
  }
  make(board.moving, 'path', {class: `theory-line${line.wide ? ' is-wide' : ''}`, stroke: colour(line.colour), 'stroke-dasharray': dashes[line.dash], d: path});
  if (line.grows) make(board.moving, 'circle', {cx: board.X(line.x[count - 1]), cy: board.Y(ys[count - 1]), r: 4.5, fill: colour(line.colour)});
}

function drawMoving(place, last) {
  const share = last ? place / last : 1;
  for (const board of boards) {
    if (!board.moving) continue;
    board.moving.replaceChildren();
    for (const line of board.chart.lines) drawLine(board, line, share);
  }
  find('.theory-said').textContent = shown && shown.said ? shown.said[Math.min(place, shown.said.length - 1)] : '';
}

function drawAll() {
  for (const board of boards) drawBoard(board);
  film.again();
}

function drawTable(rows) {
  const table = find('.theory-table');
  table.hidden = !rows;
  table.replaceChildren(...(rows || []).map((row, i) => {
    const line = document.createElement('tr');
    line.append(...row.map((text, j) => {
      const cell = document.createElement(text && !(i && j) ? 'th' : 'td');
      if (cell.tagName === 'TH') cell.scope = i ? 'row' : 'col';
      cell.textContent = text;
      return cell;
    }));
    return line;
  }));
}

function show(value) {
  root.classList.remove('is-waiting');
  if (!accepted(root, tell, value)) return;
  shown = value;
  film.set(value.frames || 1);
  lay();
  drawTable(value.rows);
  find('.theory-note').textContent = value.note || '';
  root.dataset.drawn = String(Number(root.dataset.drawn || 0) + 1);
}

// What takes long is dimmed meanwhile; a film's own slider changes nothing.
element.closest('.explore-card').addEventListener('input', (event) => { if (!root.contains(event.target)) root.classList.add('is-waiting'); });
const take = follower(element.closest('.explore-card'), props.follows || [], server, show);
function draw() {
  const value = props.value;
  if (!value) return;
  // What is still being learned for other densities than the sliders show by now is of no use.
  const left = (value.moves || []).some((place, i) => place !== Number(document.querySelector(`#${props.follows[i]} input[type=range]`).value));
  if (!left) take(value);
}
watch('value', draw);
draw();
// What is never looked at is never computed: the first picture is asked for once the room is open.
if (!props.value) server.follow(props.first).then((answer) => { if (!shown) take({...answer, ask: props.first.ask}); });
new ResizeObserver(drawAll).observe(root);
