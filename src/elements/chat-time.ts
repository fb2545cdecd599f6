import { html, type TemplateResult } from 'lit';
import type { ChatFormat } from './chat-format.ts';

/** The time of day for those who look, with the date for those who point at it; the whole of it for those who listen. */
export function renderTime(at: number, format: ChatFormat): TemplateResult {
  const full = format.full(at);
  return html`<time datetime=${new Date(at).toISOString()} title=${full}
    ><bdi aria-hidden="true">${format.time(at)}</bdi><span class="hush">${full}</span></time
  >`;
}
