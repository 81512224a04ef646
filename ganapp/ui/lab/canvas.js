// Draws the plane: [-1, 1] on both axes, y upwards.
const UNIT = 16384, SIDE = 50;

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// Points as a flat array x, y, x, y, ...
function placesOf(text) {
  const bytes = bytesOf(text);
  return Float32Array.from(new Int16Array(bytes.buffer), (value) => value / UNIT);
}

// Brewer's PRGn, from generated (purple) over undecided to real (green).
const PRGN = [[118, 42, 131], [175, 141, 195], [231, 212, 232], [247, 247, 247], [217, 240, 211], [127, 191, 123], [27, 120, 55]];

// The same on a dark page, where undecided is dark and not a slab of light.
const DARK = [[138, 66, 158], [92, 46, 108], [54, 34, 66], [26, 30, 40], [24, 54, 40], [26, 84, 50], [30, 118, 62]];

// 256 colours from the first of `scale` to its last.
function ramp(scale) {
  return Array.from({length: 256}, (_, byte) => {
    const place = byte / 255 * (scale.length - 1), low = Math.min(Math.floor(place), scale.length - 2), part = place - low;
    return [...scale[low].map((value, i) => value + part * (scale[low + 1][i] - value)), 255];
  });
}

// A map of SIDE x SIDE bytes as a small picture, each byte painted by `paint` as [red, green, blue, alpha].
function pictureOf(bytes, paint) {
  const small = document.createElement('canvas');
  small.width = small.height = SIDE;
  const pen = small.getContext('2d'), image = pen.createImageData(SIDE, SIDE);
  for (let row = 0; row < SIDE; row += 1) {
    for (let column = 0; column < SIDE; column += 1) {
      image.data.set(paint(bytes[row * SIDE + column]), 4 * ((SIDE - 1 - row) * SIDE + column));
    }
  }
  pen.putImageData(image, 0, 0);
  return small;
}

const RAMPS = {true: ramp(DARK), false: ramp(PRGN)};

function tinted([red, green, blue]) {
  return (byte) => [red, green, blue, byte * 0.75];
}

// A canvas that is as sharp as its screen. `draw(scene)` paints the layers that the scene has.
function makeCanvas(canvas) {
  const pen = canvas.getContext('2d');
  let side = 0, scene = null;

  const x = (value) => (value + 1) / 2 * side, y = (value) => (1 - value) / 2 * side;

  function fit() {
    const wanted = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
    if (wanted > 0 && wanted !== canvas.width) canvas.width = canvas.height = wanted;
    side = canvas.width;
  }

  function marks(points, colour, square) {
    const radius = Math.max(1.6, side / 260);
    pen.fillStyle = colour;
    pen.beginPath();
    for (let i = 0; i < points.length; i += 2) {
      const left = x(points[i]), top = y(points[i + 1]);
      if (square) pen.rect(left - radius, top - radius, 2 * radius, 2 * radius);
      else { pen.moveTo(left + radius, top); pen.arc(left, top, radius, 0, 7); }
    }
    pen.fill();
  }

  // Cells of z that are equally probable: the smaller one is drawn, the denser the generator's points lie there.
  function warp(points, colour) {
    const count = points.length / 2, edge = Math.round(Math.sqrt(count));
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = Math.max(1, side / 500);
    pen.beginPath();
    if (edge * edge !== count) {
      for (let i = 0; i < count; i += 1) pen.lineTo(x(points[2 * i]), y(points[2 * i + 1]));
      pen.lineWidth *= 2;
      pen.stroke();
      return;
    }
    const corner = (row, column) => { const i = 2 * (row * edge + column); return [x(points[i]), y(points[i + 1])]; };
    for (let row = 0; row + 1 < edge; row += 1) {
      for (let column = 0; column + 1 < edge; column += 1) {
        const [a, b, c, d] = [corner(row, column), corner(row, column + 1), corner(row + 1, column + 1), corner(row + 1, column)];
        const area = Math.abs((c[0] - a[0]) * (d[1] - b[1]) - (d[0] - b[0]) * (c[1] - a[1])) / 2;
        pen.globalAlpha = Math.min(0.55, 0.05 + 0.0009 * side * side / (area + 1) / 20);
        pen.beginPath();
        for (const [left, top] of [a, b, c, d]) pen.lineTo(left, top);
        pen.closePath();
        pen.fill();
        pen.globalAlpha = 0.35;
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
  }

  // The first half of `points` are places, the second half directions of length 1 at most.
  function arrows(points, colour) {
    const half = points.length / 2, reach = side / 11, head = side / 90;
    pen.strokeStyle = colour;
    pen.lineWidth = Math.max(1.2, side / 380);
    pen.beginPath();
    for (let i = 0; i < half; i += 2) {
      const length = Math.hypot(points[half + i], points[half + i + 1]);
      if (length < 0.02) continue;
      const stretch = Math.sqrt(length) / length * reach;  // roots, so that weak gradients can be seen next to strong ones
      const from = [x(points[i]), y(points[i + 1])], step = [points[half + i] * stretch, -points[half + i + 1] * stretch];
      const to = [from[0] + step[0], from[1] + step[1]], angle = Math.atan2(step[1], step[0]);
      pen.moveTo(...from);
      pen.lineTo(...to);
      for (const turn of [-2.6, 2.6]) {
        pen.moveTo(...to);
        pen.lineTo(to[0] + head * Math.cos(angle + turn), to[1] + head * Math.sin(angle + turn));
      }
    }
    pen.stroke();
  }

  function modes(points, reach, found, style) {
    const radius = Math.max(side / 60, reach / 2 * side);
    pen.lineWidth = Math.max(1.5, side / 260);
    for (let i = 0; i < points.length; i += 2) {
      const met = found[i / 2];
      pen.strokeStyle = met ? style.real : style.ink;
      pen.setLineDash(met ? [] : [side / 120, side / 120]);
      pen.beginPath();
      pen.arc(x(points[i]), y(points[i + 1]), radius, 0, 7);
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  function cover(bytes, paint) {
    pen.imageSmoothingEnabled = true;
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(pictureOf(bytes, paint), 0, 0, side, side);
  }

  function draw(next) {
    scene = next || scene;
    fit();
    if (!scene || !side) return;
    const {style, layers} = scene;
    pen.clearRect(0, 0, side, side);
    const colours = RAMPS[style.dark];
    pen.globalAlpha = 0.85;
    if (layers.heat) cover(layers.heat, (byte) => colours[byte]);
    if (layers.best) cover(layers.best, (byte) => (byte === 255 ? [0, 0, 0, 0] : colours[byte]));  // 255: no points of either kind
    pen.globalAlpha = 1;
    if (layers.real_density) cover(layers.real_density, tinted([0, 136, 55]));
    if (layers.fake_density) cover(layers.fake_density, tinted([163, 62, 189]));
    if (layers.warp) warp(layers.warp, style.fake);
    if (layers.real) marks(layers.real, style.real, false);
    if (layers.fake) marks(layers.fake, style.fake, true);
    if (layers.arrows) arrows(layers.arrows, style.arrow);
    if (layers.modes) modes(layers.modes, scene.reach, scene.found, style);
  }
  new ResizeObserver(() => draw()).observe(canvas);
  return draw;
}
