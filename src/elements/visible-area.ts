/** What a window that covers the screen is told while the keyboard does too. */
const PROPERTIES = ['block-size', 'inset-block'] as const;

/**
 * Keeps a window that covers the screen above the keyboard of a phone, which covers the lower part of the page without
 * changing its height: the field and what was said last stay in sight.
 */
export class VisibleArea {
  #element: HTMLElement | undefined;

  /** Fits `element` into what can be seen from now on, in place of another one; `undefined`: none. */
  follow(element: HTMLElement | undefined): void {
    if (element === this.#element) return;
    this.#clear();
    visualViewport?.removeEventListener('resize', this.#fit);
    visualViewport?.removeEventListener('scroll', this.#fit);
    this.#element = element;
    if (!element) return;
    visualViewport?.addEventListener('resize', this.#fit);
    // Safari moves what can be seen to the field, and does not say that it was resized.
    visualViewport?.addEventListener('scroll', this.#fit);
    this.#fit();
  }

  #fit = () => {
    const { height = 0, offsetTop = 0, scale = 1 } = visualViewport ?? {};
    const isCovered = document.documentElement.clientHeight - height > 1 || offsetTop > 0;
    // Who zooms in by two fingers wants to see a part of the window, not a window of that part.
    if (!isCovered || scale > 1.01) return this.#clear();
    this.#element?.style.setProperty('block-size', `${height}px`);
    this.#element?.style.setProperty('inset-block', `${offsetTop}px auto`);
  };

  #clear(): void {
    for (const name of PROPERTIES) this.#element?.style.removeProperty(name);
  }
}
