const root = element.querySelector('.letters'), image = root.querySelector('img'), tell = teller(root.querySelector('.explore-problem'));

function show(shown) {
  const answer = accepted(root, tell, shown);
  if (!answer) return;
  image.src = answer.src;
  image.alt = answer.alt;
  image.hidden = false;
  root.querySelector('tbody').replaceChildren(...answer.rows.map((row) => {
    const line = document.createElement('tr'), name = elementOf('th', row.name), measured = elementOf('td', row.measured);
    name.scope = 'row';
    measured.dataset.measured = row.name.toLowerCase();
    line.append(name, elementOf('td', row.asked), measured);
    return line;
  }));
  root.dataset.measured = Number(root.dataset.measured || 0) + 1;
}

const take = follower(element.closest('.explore-card'), props.follows || [], server, show);

function draw() { if (props.value) take(props.value); }
watch('value', draw);
draw();
