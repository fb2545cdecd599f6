import { css, type LitElement, type ReactiveController } from 'lit';

/** Attributes by which pages and their toolkits tell a dark mode that they paint themselves. */
const ATTRIBUTES = [
  'class',
  'data-theme',
  'data-bs-theme',
  'data-color-mode',
  'data-color-scheme',
  'data-mode',
];
/** `dark`, `theme-dark` or `dark-mode`, among other words; not `darkish`. */
const WORD = /(?:^|\s)(?:theme-|mode-|is-)?(dark|light)(?:-theme|-mode)?(?:\s|$)/;

const SHEETS = {
  dark: css`
    :host {
      color-scheme: dark;
    }
  `,
  light: css`
    :host {
      color-scheme: light;
    }
  `,
};

const followers = new Set<() => void>();
const observer = new MutationObserver(() => followers.forEach((follow) => follow()));

/**
 * Makes an element dark where the page is, although the page does not say so by `color-scheme`: many toggle a class or an
 * attribute on `<html>`, `<body>` or a part of the page instead. What is nearest counts, and a
 * declared `color-scheme` always does. Changes are noticed on `<html>` and `<body>`.
 */
export class PageScheme implements ReactiveController {
  readonly #host: LitElement;
  #sheet: CSSStyleSheet | undefined;

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    if (followers.size === 0) {
      for (const element of [document.documentElement, document.body]) {
        observer.observe(element, { attributeFilter: ATTRIBUTES });
      }
    }
    followers.add(this.#follow);
    this.#follow();
  }

  hostDisconnected(): void {
    followers.delete(this.#follow);
    if (followers.size === 0) observer.disconnect();
  }

  #follow = () => {
    const around = parentOf(this.#host);
    const declared = around && getComputedStyle(around).colorScheme !== 'normal';
    const scheme = declared ? undefined : schemeAt(around);
    const sheet = scheme && SHEETS[scheme].styleSheet;
    if (sheet === this.#sheet) return;
    const root = this.#host.renderRoot as ShadowRoot;
    const others = root.adoptedStyleSheets.filter((other) => other !== this.#sheet);
    root.adoptedStyleSheets = sheet ? [...others, sheet] : others;
    this.#sheet = sheet;
  };
}

function schemeAt(element: Element | undefined): 'dark' | 'light' | undefined {
  for (let at = element; at; at = parentOf(at)) {
    for (const name of ATTRIBUTES) {
      const word = at.getAttribute(name)?.match(WORD)?.[1];
      if (word) return word as 'dark' | 'light';
    }
  }
  return undefined;
}

/** The element around `element`, out of shadow trees too. */
function parentOf(element: Element): Element | undefined {
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : undefined;
}
