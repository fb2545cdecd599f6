import { html, type TemplateResult } from 'lit';

/** A link to `url`, which has passed `safeUrl`, in a page of its own that learns nothing of this one. */
export function anchor(url: URL, content: unknown): TemplateResult {
  return html`<a href=${url.href} target="_blank" rel="noopener noreferrer nofollow">${content}</a>`;
}
