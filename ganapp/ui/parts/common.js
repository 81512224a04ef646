// What several parts of the page share.

// A function that calls `ask`, one call at a time, as long as it has been wanted again meanwhile, and gives each answer to `show`;
// `ask` may answer nothing.
function newestOnly(ask, show) {
  let busy = false, behind = false;
  return async () => {
    behind = busy;
    if (busy) return;
    busy = true;
    do {
      behind = false;
      try {
        const answer = await ask();
        if (answer) show(answer);
      } catch (error) {
        console.warn(error);
      }
    } while (behind);
    busy = false;
  };
}

// An element with a text, and a class if one is named.
function elementOf(kind, text, name) {
  const made = document.createElement(kind);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

// A function that shows a sentence in the place for problems, or with none clears it.
function teller(place) {
  return (sentence) => {
    place.hidden = !sentence;
    place.textContent = sentence || '';
  };
}

// What a part of the page is to show of a value from the server: nothing, told by `tell`, where that is a refusal.
function accepted(root, tell, value) {
  if (!value) return null;
  tell(value.problem);
  root.classList.toggle('is-refused', value.problem !== undefined);
  return value.problem === undefined ? value : null;
}

// Hands a file of the server's, {name, type, data in base64}, to the browser under its name.
function handOver(file) {
  const bytes = Uint8Array.from(atob(file.data), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], {type: file.type})), link = document.createElement('a');
  link.href = address;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// Fills `row` with pictures {src, alt, caption}.
function lineUp(row, pictures) {
  row.replaceChildren(...pictures.map((picture) => {
    const figure = document.createElement('figure'), image = document.createElement('img'), caption = document.createElement('figcaption');
    image.src = picture.src;
    image.alt = picture.alt;
    caption.textContent = picture.caption;
    figure.append(image, caption);
    if (picture.detail) figure.append(elementOf('small', picture.detail));
    return figure;
  }));
}

// Lets one draw on a canvas by the keyboard too: the arrow keys move a cross, by larger steps with Shift, and Space puts the pen down
// and lifts it again. `down`, `move` and `up` get what a pointer's events have: button, clientX and clientY.
function keyedPen(canvas, {down, move, up}) {
  const frame = document.createElement('div'), cross = document.createElement('i');
  const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  let x = 0.5, y = 0.5, drawing = false;
  frame.className = 'pen-frame';
  cross.className = 'pen-cross';
  canvas.replaceWith(frame);
  frame.append(canvas, cross);
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', `${canvas.getAttribute('aria-label')}. Arrow keys move the pen, Space puts it down and lifts it`);

  function at() {
    const box = canvas.getBoundingClientRect();
    return {button: 0, clientX: box.left + x * box.width, clientY: box.top + y * box.height};
  }
  function show() {
    cross.style.left = `${100 * x}%`;
    cross.style.top = `${100 * y}%`;
    cross.dataset.down = drawing;
    canvas.dataset.pen = `${drawing ? 'down' : 'up'} ${x.toFixed(2)},${y.toFixed(2)}`;
  }
  function lift() {
    if (!drawing) return;
    drawing = false;
    up();
    show();
  }
  canvas.addEventListener('keydown', (event) => {
    const step = event.shiftKey ? 0.1 : 0.025;
    if (event.key === ' ') {
      if (drawing) lift();
      else if (!event.repeat) {
        drawing = true;
        down(at());
      }
    } else if (event.key in moves) {
      [x, y] = [x, y].map((place, axis) => Math.min(1, Math.max(0, place + step * moves[event.key][axis])));
      if (drawing) move(at());
    } else return;
    event.preventDefault();
    show();
  });
  canvas.addEventListener('blur', lift);
  show();
}

// Round numbers from low to high, at most about `most` of them.
function ticks(low, high, most) {
  const rough = (high - low) / most || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-6; value += step) values.push(Math.abs(value) < step * 1e-6 ? 0 : value);
  return values;
}

// A function that takes the page's new values for `show`. While one of the controls with the ids `follows` is moved on the `card`, the
// script asks the server itself and keeps only the newest request: an event of the page's own would first visit every component of the
// page, which takes a slow laptop longer than drawing takes the server. A value's `ask` is what else the server has to know.
function follower(card, follows, server, show) {
  let ask = null, newest = 0, missed = false;
  const moves = () => follows.map((id) => {
    const control = document.querySelector(`#${id} input[type=range], #${id} [data-value]`);
    return control.dataset.value === undefined ? Number(control.value) : control.dataset.value;
  });
  // An answer can come after that to a later question: a tab's first picture, say, after one for a slider.
  const accept = (shown) => {
    if (shown.number < newest) return;
    // Without a model every question is refused; what comes once there is one must not be dropped.
    if (shown.problem === undefined) newest = shown.number || newest;
    ask = shown.ask || ask;
    show(shown);
    if (ask && missed) follow();
  };
  const follow = newestOnly(async () => {
    missed = !ask;
    return ask && server.follow({ask, moves: moves()});
  }, accept);
  if (card && follows.length) {
    const selector = follows.map((id) => `#${id}`).join(', ');
    card.addEventListener('input', (event) => {
      if (!event.target.closest(selector)) return;
      // A number that is typed reaches its slider a moment later.
      if (event.target.type === 'number') setTimeout(follow, 50); else follow();
    });
  }
  return accept;
}

// A film's button and slider in `bar`: `draw(place, last)` draws it at a place.
function filmOf(bar, draw) {
  const button = bar.querySelector('button'), slider = bar.querySelector('input');
  let running = 0, last = 0;
  const again = () => {
    slider.setAttribute('aria-valuetext', `${slider.value} of ${last}`);
    bar.dataset.place = slider.value;
    draw(Number(slider.value), last);
  };
  const stop = () => {
    cancelAnimationFrame(running);
    running = 0;
    button.textContent = 'Play';
  };
  const start = () => {
    const from = Number(slider.value) >= last ? 0 : Number(slider.value), began = performance.now();
    const pace = last / Math.min(6000, Math.max(1500, 160 * last));
    const tick = (now) => {
      slider.value = Math.min(last, from + Math.floor(Math.max(0, now - began) * pace));
      again();
      if (Number(slider.value) >= last) stop(); else running = requestAnimationFrame(tick);
    };
    button.textContent = 'Hold';
    running = requestAnimationFrame(tick);
  };
  button.addEventListener('click', () => running ? stop() : start());
  slider.addEventListener('input', () => { stop(); again(); });
  return {
    again,
    // A new film of so many places, at its end.
    set(frames) {
      stop();
      last = frames - 1;
      slider.max = last;
      slider.value = last;
      bar.hidden = !last;
    },
  };
}
