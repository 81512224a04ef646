const tell = teller(element.querySelector('.explore-problem')), editor = makeEditor(element.querySelector('.editor'), changed, tell);
let settled = 0, laid = false;

// The page learns of the picture once the hand rests.
function changed() {
  tell('');
  clearTimeout(settled);
  settled = setTimeout(() => { props.value = {picture: editor.small()}; }, laid ? 0 : 120);
  laid = false;
}

function draw() {
  const value = props.value;
  if (!value || value.picture) return;
  tell(value.problem);
  if (value.examples) { laid = true; editor.lay(value); }
}
watch('value', draw);
draw();
