// The presenter's view: the open tab in large type, with its pictures, curves and one sentence; keys of a remote control drive the lesson.
const tool = element.querySelector('[data-tool=present]'), presented = () => document.querySelector('#tabs')?.hasAttribute('data-presenting');
const types = (target) => target.closest?.('input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true], [role=combobox]');

function present(on) {
  document.querySelector('#tabs').toggleAttribute('data-presenting', on);
  document.querySelector('.dock')?.toggleAttribute('data-presenting', on);
  element.querySelector('.masthead').toggleAttribute('data-presenting', on);
  tool.setAttribute('aria-pressed', String(on));
  tool.textContent = on ? 'Leave' : 'Present';
  document.dispatchEvent(new Event('ganapp-present'));
  window.dispatchEvent(new Event('resize'));
}

// Forward first runs what the step waits for, and then goes to the next one.
function driveLesson(forward) {
  const dock = document.querySelector('.dock');
  if (!dock || dock.hidden) return false;
  const run = dock.querySelector('.dock-run');
  (!forward ? dock.querySelector('[data-do=back]') : run && !run.hidden ? run : dock.querySelector('.dock-next')).click();
  return true;
}

tool.addEventListener('click', () => present(!presented()));
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || types(event.target) || document.querySelector('dialog[open]')) return;
  if (event.key.toLowerCase() === 'p') present(!presented());
  else if (event.key === 'Escape' && presented()) present(false);
  else if (presented() && ['PageDown', 'PageUp'].includes(event.key) && driveLesson(event.key === 'PageDown')) event.preventDefault();
});
