const root = element.querySelector('.lessons'), {lessons, problems, glossary} = props.value;
const tell = teller(root.querySelector('.explore-problem'));
const stored = () => { try { return JSON.parse(localStorage.getItem('ganapp-lessons')) || {}; } catch { return {}; } };

function part(kind, text, name) {
  const made = document.createElement(kind);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function card(lesson, done) {
  const button = part('button', '', 'lesson-card'), bar = part('i', '');
  button.type = 'button';
  button.dataset.lessonName = lesson.name;
  button.lang = lesson.language;
  bar.style.setProperty('--share', Math.min(1, done / lesson.steps));
  button.append(part('b', lesson.title), part('span', lesson.about), part('small', `${lesson.minutes} min, ${lesson.steps} steps${done >= lesson.steps ? ', done' : done ? `, at step ${done}` : ''}`), bar);
  return button;
}

function draw(known) {
  const parts = new Map();
  for (const lesson of lessons) parts.set(lesson.part, [...(parts.get(lesson.part) || []), lesson]);
  root.querySelector('.lessons-parts').replaceChildren(...[...parts].map(([title, of]) => {
    const section = document.createElement('section'), cards = part('div', '', 'lessons-cards');
    cards.append(...of.map((lesson) => card(lesson, known[lesson.name] || 0)));
    section.append(part('h3', title), cards);
    return section;
  }));
  const done = lessons.filter((lesson) => (known[lesson.name] || 0) >= lesson.steps).length;
  root.querySelector('.lessons-total').textContent = `${done} of ${lessons.length} lessons done. What you have done is kept in this browser alone.`;
}
root.querySelector('.lessons-words').replaceChildren(...glossary.map((one) => {
  const entry = document.createElement('div');
  entry.append(part('dt', one.term), part('dd', one.text));
  return entry;
}));
document.addEventListener('ganapp-progress', (event) => draw(event.detail));
tell(problems.join(' '));
draw(stored());
