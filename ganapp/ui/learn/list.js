const root = element.querySelector('.lessons'), {lessons, problems, glossary} = props.value;
const tell = teller(root.querySelector('.explore-problem'));
const stored = () => { try { return JSON.parse(localStorage.getItem('ganapp-lessons')) || {}; } catch { return {}; } };

function card(lesson, done) {
  const button = elementOf('button', '', 'lesson-card'), bar = elementOf('i', '');
  button.type = 'button';
  button.dataset.lessonName = lesson.name;
  button.lang = lesson.language;
  bar.style.setProperty('--share', Math.min(1, done / lesson.steps));
  button.append(elementOf('b', lesson.title), elementOf('span', lesson.about), elementOf('small', `${lesson.minutes} min, ${lesson.steps} steps${done >= lesson.steps ? ', done' : done ? `, at step ${done}` : ''}`), bar);
  return button;
}

function draw(known) {
  const parts = new Map();
  for (const lesson of lessons) parts.set(lesson.part, [...(parts.get(lesson.part) || []), lesson]);
  root.querySelector('.lessons-parts').replaceChildren(...[...parts].map(([title, of]) => {
    const section = document.createElement('section'), cards = elementOf('div', '', 'lessons-cards');
    cards.append(...of.map((lesson) => card(lesson, known[lesson.name] || 0)));
    section.append(elementOf('h3', title), cards);
    return section;
  }));
  const done = lessons.filter((lesson) => (known[lesson.name] || 0) >= lesson.steps).length;
  root.querySelector('.lessons-total').textContent = `${done} of ${lessons.length} lessons done. What you have done is kept in this browser alone.`;
}
root.querySelector('.lessons-words').replaceChildren(...glossary.map((one) => {
  const entry = document.createElement('div');
  entry.append(elementOf('dt', one.term), elementOf('dd', one.text));
  return entry;
}));
document.addEventListener('ganapp-progress', (event) => draw(event.detail));
tell(problems.join(' '));
draw(stored());
