/** Milliseconds for which a button says that it has copied. */
const SAID_MS = 2_000;

/** Has every `[data-copy]` button below `root` copy the text of the element whose id it names, and say so. */
export function initCopyButtons(root) {
  const voice = document.createElement('p');
  voice.className = 'hush';
  voice.setAttribute('role', 'status');
  root.append(voice);
  for (const button of root.querySelectorAll('[data-copy]')) {
    const label = button.textContent;
    let timer;
    button.addEventListener('click', async () => {
      const source = document.getElementById(button.dataset.copy);
      const copied = await copy(source);
      button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
      voice.textContent = copied ? 'The tag is copied.' : 'The tag is selected: press Ctrl+C.';
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        button.textContent = label;
        voice.textContent = '';
      }, SAID_MS);
    });
  }
}

/** Whether the text is in the clipboard now. Where that is not allowed, the text is selected instead. */
async function copy(source) {
  try {
    await window.navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    window.getSelection()?.selectAllChildren(source);
    return false;
  }
}
