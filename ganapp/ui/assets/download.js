// The server's answer to a download button: the file itself, handed to the browser under its name.
function save() {
  const file = props.value;
  if (!file || !file.data) return;
  const bytes = Uint8Array.from(atob(file.data), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], {type: file.type}));
  const link = document.createElement('a');
  link.href = address;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
watch('value', save);
