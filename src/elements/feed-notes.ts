import { html, nothing, type TemplateResult } from 'lit';
import type { IncidentFeed } from '../client/incident-types.ts';
import { errorText } from './error-text.ts';
import { renderTone } from './feed-head.ts';
import { icon } from './feed-icons.ts';
import type { FeedWords } from './feed-status.ts';
import { feedSays } from './feed-words.ts';
import type { Language } from './language.ts';

/** What the buttons of a note do. */
export interface NotePorts {
  readonly language: Language;
  /** `undefined`: there is no use in it now. */
  readonly tryNow: (() => void) | undefined;
  /** What was asked for is under way. */
  readonly isLooking: boolean;
  readonly dismiss: () => void;
}

/**
 * What stands in the way of what is shown: that it may not be true any more (`unknown`), or that something the reader wanted
 * failed.
 */
export function renderBanners(
  unknown: FeedWords | undefined,
  failure: string | undefined,
  ports: NotePorts,
): unknown {
  const words = ports.language.words(feedSays);
  return [
    unknown &&
      html`<div class="banner" part="banner">
        ${renderTone(unknown.tone)}<span
          ><b><bdi>${unknown.label}</bdi></b>
          ${unknown.hint ? html`<bdi>${unknown.hint}</bdi> ` : nothing}${words.mayHaveChanged}</span
        >
        ${renderTryNow(ports)}
      </div>`,
    failure &&
      html`<div class="banner" part="banner">
        ${icon('alert')}<span><bdi>${failure}</bdi></span>
        <button type="button" class="tool" aria-label=${words.dismiss} @click=${ports.dismiss}>
          ${icon('close')}
        </button>
      </div>`,
  ].map((banner) => banner || nothing);
}

/** In place of the rows: `title`, and what there is to say or do about it. */
export function renderNote(title: unknown, ...more: unknown[]): TemplateResult {
  return html`<div class="empty" part="empty">
    <p class="greeting"><bdi>${title}</bdi></p>
    ${more}
  </div>`;
}

/** Nothing to show, and nothing that proves that there is nothing. */
export function renderUnknown(
  label: string,
  { state, error }: IncidentFeed['status'],
  ports: NotePorts,
): TemplateResult {
  const why = error ? html`<p><bdi>${errorText(error, ports.language)}</bdi></p>` : nothing;
  return state === 'unsupported'
    ? renderNote(label, why, renderTryNow(ports))
    : renderNote(
        label,
        html`<p>${ports.language.words(feedSays).unknownEmpty}</p>`,
        why,
        renderTryNow(ports),
      );
}

/** There are no incidents, and that is certain. */
export function renderNone(time: string | undefined, language: Language): TemplateResult {
  const words = language.words(feedSays);
  return renderNote(words.none, time ? html`<p>${words.asOf({ time })}</p>` : nothing);
}

export function renderButton(label: string, press: () => void): TemplateResult {
  return html`<button type="button" class="pill" @click=${press}>${label}</button>`;
}

/** In place of rows that are on their way. */
export function renderSkeleton(language: Language): TemplateResult {
  return html`<div class="skeleton" role="status">
    <span class="hush">${language.words(feedSays).loading}</span>
    ${[1, 2, 3, 4, 5].map(() => html`<div aria-hidden="true"><i></i><b></b></div>`)}
  </div>`;
}

function renderTryNow({ tryNow, isLooking, language }: NotePorts): unknown {
  if (!tryNow) return nothing;
  return html`<button type="button" class="pill" part="retry" ?disabled=${isLooking} @click=${tryNow}>
    ${language.words(feedSays).tryNow}
  </button>`;
}
