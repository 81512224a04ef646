const root = element.querySelector('.start'), find = (selector) => root.querySelector(selector), run = props.value.run;
const slider = find('.start-film input'), absolute = window.ganapp.addressOf;
let epochs = [], curves = null, perEpoch = 1;

find('.start-real').src = props.value.real;

// The score of a curve at an epoch: its nearest point.
function scoreAt(name, epoch) {
  const step = epoch * perEpoch, steps = curves.step;
  let best = 0;
  for (let k = 1; k < steps.length; k += 1) if (Math.abs(steps[k] - step) < Math.abs(steps[best] - step)) best = k;
  return curves[name][best];
}

function sentence(real, forged, epoch) {
  if (epoch < 1) return 'Nobody has learned anything yet.';
  if (forged < 0.25) return 'It catches most forgeries. That is what tells the generator how to improve.';
  if (forged < 0.36) return 'The forgeries get better: it takes more of them for real.';
  return real - forged < 0.25 ? 'It begins to guess. When it cannot tell at all, both bars stand at one half.' : 'It is fooled more and more often.';
}

function draw(place) {
  const epoch = epochs[place] ?? 0, forged = find('.start-forged');
  forged.src = absolute(`runs/${run}/epochs/${epoch}.jpg`);
  forged.alt = `Eighty pictures of the generator after epoch ${epoch}`;
  for (const meter of root.querySelectorAll('[data-of]')) {
    const score = epoch ? scoreAt(meter.dataset.of, epoch) : 0.5;
    meter.style.setProperty('--score', score);
    meter.setAttribute('aria-valuenow', score.toFixed(2));
    meter.nextElementSibling.textContent = score.toFixed(2);
  }
  find('.start-said').textContent = sentence(epoch ? scoreAt('real_score', epoch) : 0.5, epoch ? scoreAt('fake_score', epoch) : 0.5, epoch);
  find('.start-film output').textContent = `epoch ${epoch}`;
  root.dataset.epoch = epoch;
}

const film = filmOf(find('.start-film'), draw);

async function begin() {
  const answer = await fetch(absolute(`runs/${run}/live?page=start&mine=0&other=&seen=`));
  if (!answer.ok) throw new Error(await answer.text());
  const news = await answer.json();
  epochs = news.frame_epochs;
  curves = news.curves;
  perEpoch = news.per_epoch;
  film.set(epochs.length);
  slider.disabled = false;
  slider.value = Math.max(0, epochs.indexOf(20));
  film.again();
}
begin().catch((error) => { find('.start-game').hidden = true; find('.start-film').hidden = true; console.warn(error); });
