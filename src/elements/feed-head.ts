import { html, nothing, svg, type TemplateResult } from 'lit';
import { icon } from './feed-icons.ts';
import type { FeedTone, FeedWords } from './feed-status.ts';
import { feedSays } from './feed-words.ts';
import type { Language } from './language.ts';
import { sentences } from './sentences.ts';

/** A shape for each tone, so that colour is never the only sign; a question mark where nothing is known. */
const SHAPES: Record<FeedTone, unknown> = {
  live: svg`<circle cx="8" cy="8" r="6.5" /><path d="m5.2 8.2 2 2 3.6-4" class="mark" />`,
  polled: svg`<circle cx="8" cy="8" r="5.6" class="thin" /><path d="M8 4.8V8l2.2 1.4" class="thin" />`,
  busy: svg`<circle cx="8" cy="8" r="5.2" class="thin dashed" />`,
  unknown: svg`<rect x="1.4" y="1.4" width="13.2" height="13.2" rx="2.6" /><path d="M6 6.2a2 2 0 1 1 2.8 1.9c-.5.3-.8.6-.8 1.2M8 11.8v.1" class="mark" />`,
};

export interface HeadLook {
  readonly language: Language;
  readonly heading: string;
  readonly status: FeedWords;
  /** How many arrived while it was paused; `undefined`: not paused. */
  readonly arrived: number | undefined;
  readonly hasNotify: boolean;
}

export interface HeadPorts {
  pause(): void;
  openMenu(name: 'help' | 'notify', button: HTMLElement): void;
}

export function renderTone(tone: FeedTone): TemplateResult {
  return html`<svg class="shape tone-${tone}" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[tone]}</svg>`;
}

export function renderHead(
  { heading, status, arrived, hasNotify, language }: HeadLook,
  ports: HeadPorts,
): TemplateResult {
  const { tone, label, detail, hint } = status;
  const isPaused = arrived !== undefined;
  const words = language.words(feedSays);
  const tool = (name: 'help' | 'notify', label: string, sign: TemplateResult) =>
    html`<button
      type="button"
      class="tool"
      part="tool"
      aria-haspopup="dialog"
      aria-label=${label}
      title=${label}
      @click=${(event: Event) => ports.openMenu(name, event.currentTarget as HTMLElement)}
    >
      ${sign}
    </button>`;
  return html`<div class="head" part="head">
    <div class="titles">
      <slot name="heading"><h2 part="heading">${heading}</h2></slot>
      <p class="fresh ${tone}" part="freshness freshness-${tone}">
        ${renderTone(tone)}<span
          ><bdi>${label}</bdi>${detail ? html` <bdi class="quiet">· ${detail}</bdi>` : nothing}${
            hint ? html` <bdi class="quiet note">· ${hint}</bdi>` : nothing
          }</span
        >
      </p>
    </div>
    <div class="tools">
      <button
        type="button"
        class="pill pause ${isPaused ? 'on' : ''}"
        part="pause"
        title=${isPaused ? words.resume : words.pause}
        @click=${() => ports.pause()}
      >
        ${icon(isPaused ? 'play' : 'pause')}<span
          >${
            isPaused
              ? html`<span aria-hidden="true">${words.arrived({ count: arrived })}</span
                  ><span class="hush"
                    >${sentences(language, words.arrived({ count: arrived }), words.resume)}</span
                  >`
              : words.pause
          }</span
        >
      </button>
      ${hasNotify ? tool('notify', words.notifications, icon('bell')) : nothing}
      ${tool('help', words.keys, icon('help'))}
    </div>
  </div>`;
}
