import { html, nothing, svg, type ReactiveController, type TemplateResult } from 'lit';
import type { SystemAlert } from '../client/alerts.ts';
import type { HybridClient } from '../client/types.ts';
import { addStyles } from './add-styles.ts';
import { alertStyles } from './alert-styles.ts';
import { alertWords } from './alert-words.ts';
import type { LanguageHost } from './language-controller.ts';
import { sentences } from './sentences.ts';
import { Speaker } from './speaker.ts';
import { when } from './when.ts';

type Severity = SystemAlert['severity'];

/** From the one that is shown first. */
const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];
/** A second press that comes sooner is the end of a double click, not meant for the next alert. */
const DOUBLE_CLICK_MS = 500;
/** Texts longer than this may have to be scrolled, also by keyboard; in UTF-16 units. */
const LONG_TEXT = 160;

/** A shape for each severity, so that colour is never the only sign. */
const SHAPES: Record<Severity, unknown> = {
  critical: svg`<path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8zM12 7.5v5.5M12 16.5v.01" />`,
  warning: svg`<path d="M12 3 22 20.5H2zM12 9.5v5M12 17.5v.01" />`,
  info: svg`<circle cx="12" cy="12" r="9.5" /><path d="M12 11v5.5M12 7.5v.01" />`,
};

/** What has been read out on this page, by whatever element: each alert once. */
const spoken = new WeakMap<HybridClient, Set<string>>();

/**
 * What a service tells its users, one alert at a time: the gravest first, of those the newest. While the page is hidden
 * nothing new shows and nothing is read out; both happen when somebody looks again.
 */
export class AlertView implements ReactiveController {
  readonly #host: LanguageHost;
  readonly #calm: Speaker;
  readonly #urgent: Speaker;
  /** As of the last time that the page was visible. */
  #alerts: readonly SystemAlert[] = [];
  #shown: string | undefined;
  #dismissedAt = -Infinity;

  constructor(host: LanguageHost) {
    const update = () => host.requestUpdate();
    this.#host = host;
    this.#calm = new Speaker(update);
    this.#urgent = new Speaker(update);
    addStyles(host, alertStyles);
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#calm.clear();
    this.#urgent.clear();
  }

  /** @param heard Whether the place where the alerts are drawn shows, so that they may be read out. */
  render(client: HybridClient | undefined, heard = true): TemplateResult {
    const isVisible = document.visibilityState === 'visible';
    const alerts = [...(client?.alerts ?? [])].sort(byWeight);
    // What was dismissed elsewhere goes at once, seen or not.
    this.#alerts = isVisible ? alerts : this.#alerts.filter(({ id }) => alerts.some((one) => one.id === id));
    if (client && isVisible && heard) this.#speak(client);
    return html`${client && this.#renderShown(client)}
      <span class="hush" role="status">${this.#calm.words}</span>
      <span class="hush" role="alert">${this.#urgent.words}</span>`;
  }

  #renderShown(client: HybridClient): TemplateResult | typeof nothing {
    const place = Math.max(
      0,
      this.#alerts.findIndex(({ id }) => id === this.#shown),
    );
    const alert = this.#alerts[place];
    if (!alert) return nothing;
    const { id, at, severity, title, text } = alert;
    const count = this.#alerts.length;
    const { language } = this.#host;
    const words = language.words(alertWords);
    const name = title ?? words[severity];
    return html`<div class="alert ${severity}" part="alert" role="group" aria-label=${words[severity]}>
      <svg viewBox="0 0 24 24" aria-hidden="true">${SHAPES[severity]}</svg>
      <div class="alert-words" tabindex=${text.length > LONG_TEXT ? 0 : nothing}>
        <strong
          ><bdi>${title ? words.titled({ severity: words[severity], title }) : words[severity]}</bdi></strong
        >
        ${text ? html`<p><bdi>${text}</bdi></p>` : nothing}
        <div class="alert-more">
          <time dir="auto" datetime=${new Date(at).toISOString()}>${when(at, language.tag)}</time>
          ${
            count > 1
              ? html`<bdi>${words.place({ number: place + 1, count })}</bdi>
                  <button type="button" @click=${() => this.#show(this.#alerts[(place + 1) % count])}>
                    ${words.next}
                  </button>`
              : nothing
          }
        </div>
      </div>
      <button
        class="alert-close"
        part="alert-dismiss"
        type="button"
        aria-label=${words.dismiss({ what: name })}
        @click=${() => this.#dismiss(client, id, this.#alerts[place + 1])}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18" /></svg>
      </button>
    </div>`;
  }

  #show(alert: SystemAlert | undefined): void {
    this.#shown = alert?.id;
    this.#host.requestUpdate();
  }

  #dismiss(client: HybridClient, id: string, next: SystemAlert | undefined): void {
    const now = performance.now();
    if (now - this.#dismissedAt < DOUBLE_CLICK_MS) return;
    this.#dismissedAt = now;
    client.dismissAlert(id);
    this.#show(next);
  }

  #speak(client: HybridClient): void {
    const known = spoken.get(client) ?? new Set();
    spoken.set(client, known);
    for (const { id, severity, title, text } of this.#alerts) {
      if (known.has(id)) continue;
      known.add(id);
      const speaker = severity === 'critical' ? this.#urgent : this.#calm;
      speaker.say(() => {
        const { language } = this.#host;
        const words = language.words(alertWords);
        const name = title ? words.titled({ severity: words[severity], title }) : words[severity];
        return sentences(language, name, text);
      });
    }
  }

  #onVisibility = () => this.#host.requestUpdate();
}

function byWeight(one: SystemAlert, other: SystemAlert): number {
  return SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) || other.at - one.at;
}
