import { html } from 'lit';
import type { Filling } from './lazy-fill.ts';
import { anchor } from './markdown-anchor.ts';
import { filling } from './markdown-extras-styles.ts';
import { tame } from './markdown-text.ts';

/**
 * An image that may be fetched. Its alternative `text` is its caption; if there is none, `label` stands for it. Opens in
 * full when it is pressed, unless it stands in a link that leads somewhere else.
 */
export function drawImage(url: URL, text: string, label: string, inLink: boolean): Filling {
  const picture = html`<img
      src=${url.href}
      alt=${label}
      loading="lazy"
      decoding="async"
      referrerpolicy="no-referrer"
      @error=${fail}
    /><span class=${text ? 'caption' : 'caption none'} aria-hidden="true">${tame(label)}</span>`;
  return filling(inLink ? picture : anchor(url, picture));
}

/** What could not be loaded is the link that it would have been elsewhere. */
function fail({ currentTarget }: Event): void {
  const image = currentTarget as HTMLImageElement;
  image.hidden = true;
  image.nextElementSibling?.removeAttribute('aria-hidden');
  image.closest('.image')?.classList.add('failed');
}
