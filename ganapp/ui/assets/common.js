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

// A function that shows a sentence in the place for problems, or with none clears it.
function teller(place) {
  return (sentence) => {
    place.hidden = !sentence;
    place.textContent = sentence || '';
  };
}

// Fills `row` with pictures {src, alt, caption}.
function lineUp(row, pictures) {
  row.replaceChildren(...pictures.map((picture) => {
    const figure = document.createElement('figure'), image = document.createElement('img'), caption = document.createElement('figcaption');
    image.src = picture.src;
    image.alt = picture.alt;
    caption.textContent = picture.caption;
    figure.append(image, caption);
    return figure;
  }));
}
