const root = element.querySelector('.explore-matrix'), table = root.querySelector('table'), tell = teller(root.querySelector('.explore-problem'));

function cell(kind, text, attributes) {
  const made = document.createElement(kind);
  if (text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  return made;
}

function picture(drawn) {
  const made = cell('td', null), image = document.createElement('img'), bar = document.createElement('i'), score = cell('span', drawn.score);
  image.src = drawn.src;
  image.alt = drawn.alt;
  bar.style.setProperty('--share', drawn.share);
  bar.setAttribute('aria-hidden', 'true');
  bar.hidden = !drawn.score;
  made.append(image, bar, score);
  return made;
}

function draw() {
  const shown = props.value;
  if (!shown) return;
  tell(shown.problem);
  root.classList.toggle('is-refused', shown.problem !== undefined);
  if (shown.problem !== undefined) return;
  table.hidden = false;
  table.classList.toggle('has-long-names', shown.names.some((name) => name.length > 3));
  root.style.setProperty('--columns', shown.names.length);
  table.caption.textContent = shown.title;
  table.tHead.rows[0].replaceChildren(cell('td', ''), ...shown.names.map((name) => {
    const heading = cell('th', null, {scope: 'col'});
    heading.append(cell('span', name));
    return heading;
  }));
  table.tBodies[0].replaceChildren(...shown.rows.map((row, i) => {
    const line = document.createElement('tr');
    line.append(cell('th', `z ${i + 1}`, {scope: 'row'}), ...row.map(picture));
    return line;
  }));
  root.dataset.columns = shown.names.length;
  root.dataset.rows = shown.rows.length;
}
watch('value', draw);
draw();
