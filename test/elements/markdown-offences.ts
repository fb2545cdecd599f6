import { html, render } from 'lit';
import { ENGLISH } from '../../src/elements/language.ts';
import { renderMarkdown, type MarkdownPorts } from '../../src/elements/markdown.ts';

const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';
const MATHML = 'http://www.w3.org/1998/Math/MathML';

/** All that a text may become, by namespace. Images only where a test allows an origin. */
const ELEMENTS: Readonly<Record<string, ReadonlySet<string>>> = {
  [HTML]: new Set(
    (
      'p br strong em del code pre figure figcaption span bdi a h3 h4 h5 h6 ul ol li blockquote hr div table thead ' +
      'tbody tr th td button details summary'
    ).split(' '),
  ),
  [SVG]: new Set('svg path rect circle'.split(' ')),
  [MATHML]: new Set(
    (
      'math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover ' +
      'mmultiscripts mprescripts mtable mtr mtd mpadded mphantom mstyle menclose'
    ).split(' '),
  ),
};
const ATTRIBUTES: Readonly<Record<string, ReadonlySet<string>>> = {
  [HTML]: new Set(
    (
      'class href target rel dir tabindex role aria-label aria-checked aria-readonly aria-pressed title type start ' +
      'scope value open data-source'
    ).split(' '),
  ),
  [SVG]: new Set('class viewBox aria-hidden focusable d x y width height rx cx cy r'.split(' ')),
  [MATHML]: new Set(
    (
      'class display displaystyle scriptlevel form fence separator stretchy symmetric largeop movablelimits accent ' +
      'accentunder linethickness mathvariant columnspan rowspan lspace rspace width height depth voffset minsize maxsize'
    ).split(' '),
  ),
};
const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/** Ports that allow nothing. */
export const PLAIN: MarkdownPorts = { language: ENGLISH, imageOrigins: [] };

/** Draws `text` in `stage` as the chat does. Without waiting for a frame: pages in the background get none. */
export function drawIn(stage: HTMLElement, text: string, ports: Partial<MarkdownPorts> = {}): HTMLElement {
  render(renderMarkdown(text, { ...PLAIN, ...ports }) ?? html`<pre>${text}</pre>`, stage);
  return stage;
}

/** What `root` holds that may not be there. */
export function offences(root: HTMLElement): string[] {
  return [...root.querySelectorAll('*')].flatMap((element) => {
    const { localName, namespaceURI } = element;
    const found = ELEMENTS[namespaceURI ?? '']?.has(localName) ? [] : [`<${localName}>`];
    for (const { name, value } of element.attributes) {
      if (!ATTRIBUTES[namespaceURI ?? '']?.has(name)) found.push(`${localName}[${name}]`);
      if (name === 'href' && !SCHEMES.has(new URL(value).protocol)) found.push(`href=${value}`);
    }
    if (localName === 'a') {
      if (element.getAttribute('rel') !== 'noopener noreferrer nofollow') found.push('link without rel');
      if (element.parentElement?.closest('a')) found.push('link in a link');
    }
    return found;
  });
}
