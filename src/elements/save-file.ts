/** How long the address of a file that is being saved is kept: some browsers ask for it late. */
const KEPT_MS = 60_000;

/** Hands `content` to the browser's downloads under `name`. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
