// Downloads the code of the settings in a query.
(query) => {
  const link = document.createElement('a');
  link.href = window.ganapp.addressOf(`code.zip?${query}`);
  link.download = '';
  link.click();
  return [];
}
