/** What keeps the page from scrolling. */
const LOCK = { 'overflow-x': 'hidden', 'overflow-y': 'hidden', 'overscroll-behavior': 'none' };

const holders = new Set<object>();
let unlock: (() => void) | undefined;

/**
 * Keeps the page behind a window that covers it from scrolling, for as long as anybody asks for it, and then leaves the page
 * exactly as it was. Not by moving the page (`position: fixed` on its body), which pages notice.
 */
export function lockScroll(holder: object, isLocked: boolean): void {
  if (isLocked) holders.add(holder);
  else holders.delete(holder);
  if (holders.size > 0) unlock ??= lock();
  else {
    unlock?.();
    unlock = undefined;
  }
}

function lock(): () => void {
  const root = document.documentElement;
  const { scrollX, scrollY } = window;
  const hadStyle = root.hasAttribute('style');
  const before = Object.keys(LOCK).map(
    (name) => [name, root.style.getPropertyValue(name), root.style.getPropertyPriority(name)] as const,
  );
  for (const [name, value] of Object.entries(LOCK)) root.style.setProperty(name, value, 'important');
  return () => {
    for (const [name, value, priority] of before) root.style.setProperty(name, value, priority);
    // Chromium removes nothing of an attribute that nobody has read since it changed.
    if (!hadStyle && root.getAttribute('style') === '') root.removeAttribute('style');
    // A scroll bar that goes and comes back may have moved what the page shows.
    if (window.scrollX === scrollX && window.scrollY === scrollY) return;
    window.scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
  };
}
