// The chosen model stands in the address, so that a reload and a link lead to it.
(model) => {
  const address = new URL(location.href);
  address.searchParams.set('model', model.replace(/^bundled:/, ''));
  window.history.replaceState(null, '', address);
  return [];
}
