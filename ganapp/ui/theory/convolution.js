const root = element.querySelector('.theory'), find = (selector) => root.querySelector(selector);
const card = element.closest('.explore-card'), tell = teller(find('.explore-problem'));
const film = filmOf(find('.theory-film'), drawPlace);
const [sizeId, kernelId, strideId, paddingId, outputId] = props.follows;
// What was typed is kept while the squares are made smaller and larger again.
const typed = {numbers: square(4, props.numbers, (i, j) => 4 * i + j + 1), kernel: square(5, props.kernel, () => 1)};
let shown = null;

function square(side, first, other) {
  return Array.from({length: side}, (_, i) => Array.from({length: side}, (_, j) => (first[i] || [])[j] ?? other(i, j)));
}

function setting(id) {
  const control = document.querySelector(`#${id} input[type=range]`);
  return control ? Number(control.value) : null;
}

const text = (value) => String(Number(value.toPrecision(4)));
const part = (name, side) => typed[name].slice(0, side).map((row) => row.slice(0, side));

const ask = newestOnly(() => {
  const [size, kernel] = [setting(sizeId), setting(kernelId)];
  if (size === null || kernel === null) return null;
  return server.deconvolve({
    numbers: part('numbers', size), kernel: part('kernel', kernel),
    stride: setting(strideId), padding: setting(paddingId), output_padding: setting(outputId),
  });
}, show);

function table(name, rows, fill) {
  const made = document.createElement('table');
  made.append(...rows.map((row, i) => {
    const line = document.createElement('tr');
    line.append(...row.map((value, j) => {
      const cell = document.createElement('td');
      fill(cell, value, i, j);
      return cell;
    }));
    return line;
  }));
  find(`[data-board=${name}] > div`).replaceChildren(made);
  return made;
}

function editor(name, title) {
  const rows = shown[name], known = find(`[data-board=${name}] table`);
  if (known && known.rows.length === rows.length) return;
  table(name, rows, (cell, value, i, j) => {
    const input = document.createElement('input');
    input.type = 'number';
    input.step = 'any';
    input.value = value;
    input.setAttribute('aria-label', `${title}, row ${i + 1}, column ${j + 1}`);
    input.addEventListener('input', (event) => {
      event.stopPropagation();
      // An empty cell is a number that is being typed.
      typed[name][i][j] = input.value === '' ? 0 : Number(input.value);
      ask();
    });
    cell.append(input);
  });
}

function shade(cell, value, most, colour) {
  cell.style.setProperty('--shade', `${most ? Math.round(60 * Math.abs(value) / most) : 0}%`);
  cell.style.setProperty('--tint', value < 0 ? 'var(--gradient)' : `var(--${colour})`);
}

const largest = (rows) => Math.max(...rows.flat().map(Math.abs));

function drawPlace(place, last) {
  if (!shown) return;
  const side = shown.output.length, size = shown.kernel.length, at = Math.min(place, side * side) - 1;
  const [row, column] = [Math.floor(at / side), at % side], whole = place > last - 1;
  const most = largest(shown.output), spread = find('[data-board=spread] table'), output = find('[data-board=output] table');
  for (const [i, line] of [...output.rows].entries()) {
    for (const [j, cell] of [...line.cells].entries()) {
      const there = i * side + j <= at;
      cell.textContent = there ? text(shown.output[i][j]) : '';
      cell.classList.toggle('is-here', !whole && i === row && j === column);
      shade(cell, there ? shown.output[i][j] : 0, most, 'generator');
    }
  }
  const terms = [];
  for (const [i, line] of [...spread.rows].entries()) {
    for (const [j, cell] of [...line.cells].entries()) {
      const under = !whole && at >= 0 && i >= row && i < row + size && j >= column && j < column + size;
      cell.classList.toggle('is-here', under);
      if (under && shown.given[i][j]) terms.push(`${text(shown.spread[i][j])} · ${text(shown.turned[i - row][j - column])}`);
    }
  }
  const cell = `row ${row + 1}, column ${column + 1}`;
  find('.theory-said').textContent = at < 0 ? 'Play moves the kernel over the zeros, cell by cell.'
    : whole ? 'All cells are filled. Play shows how.'
    : `${cell}: ${terms.length ? `${terms.join(' + ')} = ${text(shown.output[row][column])}` : 'only zeros are under the kernel, so 0'}`;
  root.dataset.filled = at + 1;
}

function show(value) {
  if (!accepted(root, tell, value)) return;
  shown = value;
  editor('numbers', 'Input');
  editor('kernel', 'Kernel');
  const most = largest(value.numbers);
  table('spread', value.spread, (cell, number, i, j) => {
    cell.textContent = text(number);
    if (value.given[i][j]) shade(cell, number, most, 'real'); else cell.classList.add('is-zero');
  });
  table('output', value.output, () => {});
  const deepest = largest(value.overlaps);
  table('overlaps', value.overlaps, (cell, count) => {
    cell.textContent = count;
    shade(cell, count, deepest, 'discriminator');
  });
  find('.theory-note').textContent = value.note;
  // One place more than cells: at the last one nothing is marked any more.
  film.set(value.output.length ** 2 + 2);
  film.again();
  root.dataset.drawn = String(Number(root.dataset.drawn || 0) + 1);
}

card.addEventListener('input', (event) => {
  if (!event.target.closest(props.follows.map((id) => `#${id}`).join(', '))) return;
  if (event.target.type === 'number') setTimeout(ask, 50); else ask();
});

// Sliders may be mounted after this script has run.
function begin() {
  if (setting(outputId) === null) setTimeout(begin, 50); else ask();
}
begin();
