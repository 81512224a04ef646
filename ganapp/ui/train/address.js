// Puts the form's settings into the page's address, in place of those that stand there.
(query) => {
  const address = window.ganapp.withoutSettings(new URL(location.href));
  for (const [name, value] of new URLSearchParams(query)) address.searchParams.set(name, value);
  if (query) window.history.replaceState(null, '', address);
  return [];
}
