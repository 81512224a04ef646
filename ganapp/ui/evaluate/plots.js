const root = element.querySelector('.evaluate-plots'), find = (selector) => root.querySelector(selector);
const tell = teller(find('.explore-problem')), field = find('.evaluate-field'), map = find('.evaluate-field > canvas');
const lens = find('.evaluate-lens'), walk = find('.evaluate-walk input');
const sheet = new Image();
let shown = null, places = [], order = [], here = -1;

function part(kind, text, attributes = {}) {
  const made = document.createElement(kind);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
const picture = (src, alt) => part('img', '', {src, alt});
const said = (place, text) => { place.closest('figure').querySelector('.evaluate-said').textContent = text; };

function drawHistogram(histogram) {
  const bars = find('.evaluate-bars');
  bars.closest('figure').querySelectorAll('.evaluate-key, .evaluate-read').forEach((one) => { one.hidden = !histogram; });
  bars.hidden = !histogram;
  if (!histogram) {
    said(bars, 'No classifier here can read these pictures, so the frequency of each class is not known.');
    return;
  }
  const {names, real, generated} = histogram, most = Math.max(...real, ...generated);
  bars.replaceChildren(...names.map((name, i) => {
    const column = part('div', '', {title: `${name}: ${(100 * real[i]).toFixed(1)} % of the real, ${(100 * generated[i]).toFixed(1)} % of the generated pictures`});
    for (const [kind, share] of [['is-real', real[i]], ['is-generated', generated[i]]]) {
      const bar = part('i', '', {class: kind});
      bar.style.height = `${100 * share / most}%`;
      column.append(bar);
    }
    column.append(part('span', name));
    return column;
  }));
  bars.setAttribute('aria-label', names.map((name, i) => `${name}: real ${(100 * real[i]).toFixed(1)} %, generated ${(100 * generated[i]).toFixed(1)} %`).join('; '));
  said(bars, histogram.note);
}

function drawSorted(sorted) {
  const place = find('.evaluate-sorted');
  place.parentElement.hidden = !sorted;  // of a VAE: nothing judges
  if (!sorted) return;
  place.replaceChildren(...sorted.pictures.map((one) => {
    const made = part('div');
    made.append(picture(one.src, one.alt), part('span', one.caption));
    return made;
  }));
  said(place, sorted.note);
}

function drawPairs(pairs) {
  for (const place of root.querySelectorAll('.evaluate-pairs')) {
    place.replaceChildren(...pairs[place.dataset.part].map((pair) => {
      const made = part('div');
      made.append(
        picture(pair.generated, `Generated picture, rank ${pair.rank} by its distance`),
        picture(pair.real, `Its nearest training picture, at distance ${pair.distance}`),
        part('span', pair.distance),
      );
      return made;
    }));
  }
  said(find('.evaluate-pairs'), pairs.note);
}

// Marks of the map: circles are real, crosses generated.
function mark(pen, number, size) {
  const [x, y] = places[number];
  pen.beginPath();
  if (number < shown.map.real.length) pen.arc(x, y, size, 0, 2 * Math.PI);
  else for (const turn of [1, -1]) { pen.moveTo(x - size, y - turn * size); pen.lineTo(x + size, y + turn * size); }
  pen.stroke();
}

function drawMap() {
  const width = field.clientWidth, height = Math.round(Math.min(400, 0.8 * width)), scale = window.devicePixelRatio || 1;
  if (!width || !shown) return;
  const all = [...shown.map.real, ...shown.map.generated], air = 12;
  const [left, right] = [0, 1].map((end) => Math[end ? 'max' : 'min'](...all.map((place) => place[0])));
  const [low, high] = [0, 1].map((end) => Math[end ? 'max' : 'min'](...all.map((place) => place[1])));
  // One scale for both axes, so that distances are distances.
  const unit = Math.min((width - 2 * air) / (right - left || 1), (height - 2 * air) / (high - low || 1));
  places = all.map(([x, y]) => [width / 2 + unit * (x - (left + right) / 2), height / 2 - unit * (y - (low + high) / 2)]);
  map.width = Math.round(width * scale);
  map.height = Math.round(height * scale);
  map.style.height = `${height}px`;
  const pen = map.getContext('2d'), colours = getComputedStyle(root);
  pen.scale(scale, scale);
  for (let number = 0; number < places.length; number += 1) {
    pen.strokeStyle = colours.getPropertyValue(number < shown.map.real.length ? '--real' : '--generator');
    pen.globalAlpha = 0.75;
    pen.lineWidth = 1.4;
    mark(pen, number, 2.8);
  }
  if (here < 0) return;
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.getPropertyValue('--gradient');
  pen.lineWidth = 2.5;
  mark(pen, here, 6);
}

function look(number) {
  here = number;
  drawMap();
  const {side, columns, texts} = shown.map, glass = lens.firstElementChild, [x, y] = places[number];
  glass.width = glass.height = side;
  glass.getContext('2d').drawImage(sheet, side * (number % columns), side * Math.floor(number / columns), side, side, 0, 0, side, side);
  lens.lastElementChild.textContent = texts[number];
  lens.hidden = false;
  // Beside the mark, on the side where there is room.
  lens.style.left = `${x < field.clientWidth / 2 ? x + 14 : x - 14 - lens.offsetWidth}px`;
  lens.style.top = `${Math.min(Math.max(0, y - lens.offsetHeight / 2), Math.max(0, map.clientHeight - lens.offsetHeight))}px`;
  walk.value = order.indexOf(number);
  walk.setAttribute('aria-valuetext', texts[number]);
  root.dataset.here = number;
}

function point(event) {
  if (!shown) return;
  const box = map.getBoundingClientRect(), [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let best = -1, least = event.pointerType === 'mouse' ? 18 : 40;
  places.forEach((place, number) => {
    const apart = Math.hypot(place[0] - x, place[1] - y);
    if (apart < least) [best, least] = [number, apart];
  });
  if (best >= 0 && best !== here) look(best);
}
map.addEventListener('pointermove', point);
map.addEventListener('pointerdown', point);
walk.addEventListener('input', () => { if (shown) look(order[Number(walk.value)]); });

function show() {
  const value = props.value;
  if (!value) return;
  tell(value.problem);
  root.classList.toggle('is-refused', Boolean(value.problem));
  if (value.problem !== undefined) {
    delete root.dataset.shown;
    return;
  }
  shown = value;
  here = -1;
  lens.hidden = true;
  delete root.dataset.here;
  root.dataset.shown = value.key;
  find('.evaluate-title').textContent = value.title;
  drawHistogram(value.histogram);
  drawSorted(value.sorted);
  drawPairs(value.neighbours);
  sheet.src = value.map.sheet;
  const all = [...value.map.real, ...value.map.generated];
  order = all.map((place, number) => number).sort((a, b) => all[a][0] - all[b][0]);
  walk.max = order.length - 1;
  walk.value = 0;
  map.setAttribute('aria-label', `Map of ${value.map.note}`);
  said(map, value.map.note);
  drawMap();
}
watch('value', show);
show();
new ResizeObserver(() => { drawMap(); if (here >= 0) look(here); }).observe(field);
