// Copies the address of a query, or shows it where the browser forbids that.
(query) => {
  const link = `${location.origin}${location.pathname}?${query}`, button = document.querySelector('#copy-settings'), before = button.textContent;
  const done = () => {
    button.textContent = 'Link copied';
    setTimeout(() => { button.textContent = before; }, 2500);
  };
  (navigator.clipboard?.writeText(link) ?? Promise.reject()).then(done, () => { window.prompt('The link:', link); });
  return [];
}
