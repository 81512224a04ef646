// Gradio 6.31 counts the seconds of its loading sign at every frame, and goes on when the sign has left the page: for good, sixty
// times a second, which takes a machine without a graphics card a tenth of a core. Here that chain of frames ends with the sign.
// This must run before Gradio's own scripts, which keep the function that they find.
(() => {
  const real = window.requestAnimationFrame.bind(window);
  const loading = () => !document.querySelector('.tabs [role=tab]');
  const counts = (callback) => /performance\.now\(\)/.test(String(callback));
  let within = false;
  window.requestAnimationFrame = (callback) => {
    const ofTheSign = within || (loading() && counts(callback));
    if (!ofTheSign) return real(callback);
    return real((time) => {
      if (!loading()) return;
      within = true;
      try { callback(time); } finally { within = false; }
    });
  };
})();
