// A pad of 32 x 32 cells to draw a distribution on. `changed` is called with what is drawn, a hexadecimal digit a cell, runs of n
// zeros as `zn.`.
function makePad(pad, changed, tell) {
  const CELLS = 32, canvas = pad.querySelector('canvas'), pen = canvas.getContext('2d'), brush = pad.querySelector('input[type=range]');
  const file = pad.querySelector('input[type=file]'), size = canvas.width / CELLS;
  let cells = new Uint8Array(CELLS * CELLS), drawing = false;

  function written() {
    return cells.some(Boolean) ? [...cells].map((ink) => ink.toString(16)).join('').replace(/0{4,}/g, (zeros) => `z${zeros.length}.`) : '';
  }

  function read(text) {
    const digits = text.replace(/z(\d+)\./g, (_, count) => '0'.repeat(Number(count)));
    if (digits.length === cells.length) cells = Uint8Array.from(digits, (digit) => parseInt(digit, 16));
    paint();
  }

  function paint() {
    const style = getComputedStyle(pad);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = style.getPropertyValue('--real');
    cells.forEach((ink, i) => {
      pen.globalAlpha = ink / 15;
      if (ink) pen.fillRect(i % CELLS * size, Math.floor(i / CELLS) * size, size, size);
    });
    pen.globalAlpha = 1;
  }

  function dab(event) {
    const box = canvas.getBoundingClientRect(), reach = Number(brush.value) / 2;
    const column = (event.clientX - box.left) / box.width * CELLS, row = (event.clientY - box.top) / box.height * CELLS;
    for (let r = Math.floor(row - reach); r <= row + reach; r += 1) {
      for (let c = Math.floor(column - reach); c <= column + reach; c += 1) {
        if (r >= 0 && c >= 0 && r < CELLS && c < CELLS && Math.hypot(c + 0.5 - column, r + 0.5 - row) <= reach + 0.3) cells[r * CELLS + c] = 15;
      }
    }
    paint();
  }
  const down = (event) => { drawing = true; dab(event); };
  const move = (event) => { if (drawing) dab(event); };
  const up = () => { if (drawing) { drawing = false; changed(written()); } };
  canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    down(event);
  });
  canvas.addEventListener('pointermove', move);
  for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, up);
  keyedPen(canvas, {down, move, up});
  pad.querySelector('[data-pad=clear]').addEventListener('click', () => { cells.fill(0); paint(); changed(''); });
  pad.querySelector('.lab-upload').addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') file.click(); });
  file.addEventListener('change', async () => {
    if (!file.files.length) return;
    const image = new Image(), address = URL.createObjectURL(file.files[0]);
    image.src = address;
    try {
      await image.decode();
      const small = document.createElement('canvas'), sheet = small.getContext('2d'), scale = CELLS / Math.max(image.naturalWidth, image.naturalHeight);
      small.width = small.height = CELLS;
      sheet.fillStyle = '#fff';
      sheet.fillRect(0, 0, CELLS, CELLS);
      sheet.imageSmoothingQuality = 'high';
      const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
      sheet.drawImage(image, (CELLS - width) / 2, (CELLS - height) / 2, width, height);
      const pixels = sheet.getImageData(0, 0, CELLS, CELLS).data;
      cells = Uint8Array.from(cells, (_, i) => Math.round(15 * (1 - (pixels[4 * i] + pixels[4 * i + 1] + pixels[4 * i + 2]) / 765)));
      paint();
      if (written()) changed(written());
      else tell('That picture has no dark pixels, so there is nothing to learn: choose one with dark lines on a light ground.');
    } catch (error) {
      tell('That file is no picture that this browser can open: choose a PNG, JPEG or WebP.');
    }
    URL.revokeObjectURL(address);
    file.value = '';
  });
  return {read, paint};
}
