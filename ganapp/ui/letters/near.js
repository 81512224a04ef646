const root = element.querySelector('.letters'), tell = teller(root.querySelector('.explore-problem'));

function show(shown) {
  const answer = accepted(root, tell, shown);
  if (answer) lineUp(root.querySelector('.letters-lines'), answer.lines);
}

const take = follower(element.closest('.explore-card'), props.follows || [], server, show);

function draw() { if (props.value) take(props.value); }
watch('value', draw);
draw();
