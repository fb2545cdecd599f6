import { html } from 'lit';
import type { Tokens } from 'marked';
import { allowedImage } from './image-origins.ts';
import { anchor } from './markdown-anchor.ts';
import { decodeEntities } from './markdown-entities.ts';
import { safeUrl } from './markdown-links.ts';
import type { MarkdownPorts } from './markdown-ports.ts';
import { tame } from './markdown-text.ts';
import { markdownWords } from './markdown-words.ts';

/**
 * An image of an allowed origin, which opens in full when it is pressed, with its alternative text as caption. Any other
 * is a link with that text and the host it would come from: nothing is requested before the reader asks for it.
 */
export function renderImage(token: Tokens.Image, inLink: boolean, ports: MarkdownPorts): unknown {
  const text = decodeEntities(token.text).trim();
  const label = text || ports.language.words(markdownWords).image;
  const address = decodeEntities(token.href);
  const url = safeUrl(address);
  if (!url?.protocol.startsWith('http')) return tame(label);
  if (!allowedImage(address, ports.imageOrigins)) {
    if (inLink) return tame(label);
    return html`${anchor(url, tame(label))} <bdi class="host" dir="ltr">(${url.host})</bdi>`;
  }
  const picture = html`<img
      src=${url.href}
      alt=${label}
      loading="lazy"
      decoding="async"
      referrerpolicy="no-referrer"
      @error=${fail}
    /><span class=${text ? 'caption' : 'caption none'} aria-hidden="true">${tame(label)}</span>`;
  return html`<span class="image">${inLink ? picture : anchor(url, picture)}</span>`;
}

/** What could not be loaded is the link that it would have been elsewhere. */
function fail({ currentTarget }: Event): void {
  const image = currentTarget as HTMLImageElement;
  image.hidden = true;
  image.nextElementSibling?.removeAttribute('aria-hidden');
  image.closest('.image')?.classList.add('failed');
}
