const root = element.querySelector('.letters'), image = root.querySelector('.letters-word img'), tell = teller(root.querySelector('.explore-problem'));

function show(shown) {
  const answer = accepted(root, tell, shown);
  if (!answer) return;
  image.src = answer.src;
  image.alt = answer.alt;
  image.hidden = false;
  root.dataset.word = answer.word;
  root.dataset.drawn = Number(root.dataset.drawn || 0) + 1;
}

const take = follower(element.closest('.explore-card'), props.follows || [], server, show);

function draw() { if (props.value) take(props.value); }
watch('value', draw);
draw();
