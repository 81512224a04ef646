const root = element.querySelector('.letters'), tell = teller(root.querySelector('.explore-problem'));

function draw() {
  const answer = accepted(root, tell, props.value);
  if (!answer) return;
  lineUp(root.querySelector('.letters-lines'), answer.lines);
  root.dataset.lines = answer.lines.length;
}
watch('value', draw);
draw();
