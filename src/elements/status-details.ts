import { html, nothing, type TemplateResult } from 'lit';
import type { ClientHealth, ConnectionStatus, HybridClient } from '../client/types.ts';
import type { DeadLetter } from '../queue/outbox-record.ts';
import { addStyles } from './add-styles.ts';
import { renderChannels } from './channel-rows.ts';
import type { ConnectionTone } from './connection-words.ts';
import { duration } from './duration.ts';
import { errorText } from './error-text.ts';
import type { Language } from './language.ts';
import type { LanguageHost } from './language-controller.ts';
import { renderLatency } from './latency-chart.ts';
import { LatencyWatch } from './latency-watch.ts';
import { detailsStyles } from './status-details-styles.ts';
import { detailsWords } from './status-details-words.ts';
import { when } from './when.ts';

/** How long a button says that it has done its work. */
const DONE_MS = 2_000;

/** What `display="details"` adds: round trips, each transport, and the messages behind the connection. */
export class StatusDetails {
  readonly #host: LanguageHost;
  readonly #shape: (tone: ConnectionTone) => unknown;
  readonly #watch: LatencyWatch;
  #said: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param shape Draws the sign of a tone. */
  constructor(host: LanguageHost, shape: (tone: ConnectionTone) => unknown) {
    this.#host = host;
    this.#shape = shape;
    this.#watch = new LatencyWatch(host);
    addStyles(host, detailsStyles);
  }

  /** Nobody sees the details any more. */
  rest(): void {
    this.#watch.follow(undefined);
  }

  /** Whether a time is shown that gets shorter by the second. */
  counts(client: HybridClient): boolean {
    const { channels, pausedMs } = client.health();
    return pausedMs > 0 || channels.some(({ breaker }) => breaker.waitMs > 0);
  }

  /** `tryNow` is the button for that, where it is of use. `undefined` as client: nothing is to be seen of it any more. */
  render(client: HybridClient | undefined, tryNow: unknown): TemplateResult {
    this.#watch.follow(client);
    const health = client?.health();
    const { language } = this.#host;
    const words = language.words(detailsWords);
    return html`<div class="details">
      ${health?.status.isShared ? html`<p class="quiet"><bdi>${words.shared}</bdi></p>` : nothing}
      ${health && this.#renderLatency(health)}
      ${health && renderChannels(health.channels, health.status, language, this.#shape)}
      ${client && health && renderFacts(client, health, language)}
      <div class="actions">
        ${tryNow} ${client && this.#renderFailed(client)}
        <span class="done" role="status">${this.#said}</span>
      </div>
    </div>`;
  }

  #renderLatency({ channels, status: { channel, state } }: ClientHealth): unknown {
    const isConnected = state === 'live' || state === 'degraded';
    const kind = channel === 'hub' ? 'hub' : 'rest';
    const known = channels.find((one) => one.kind === kind)?.latencies ?? [];
    // A tab that works through another one measures by itself.
    const samples = known.length > 0 ? known : this.#watch.samples;
    return renderLatency(samples, this.#watch.gaps, this.#host.language, Date.now(), isConnected);
  }

  #renderFailed({ outbox }: HybridClient): unknown {
    const { failed } = outbox.status();
    const words = this.#host.language.words(detailsWords);
    if (failed === 0) return nothing;
    const copy = () => navigator.clipboard.writeText(outbox.exportDeadLetters().map(textOf).join('\n\n'));
    return html`<button part="retry-all" type="button" @click=${() => this.#run(outbox.retryAll())}>
        ${words.retryAll({ count: failed })}
      </button>
      ${
        navigator.clipboard
          ? html`<button part="copy" type="button" @click=${() => this.#run(copy(), words.copied)}>
              ${words.copy}
            </button>`
          : nothing
      }`;
  }

  async #run(action: Promise<unknown>, done?: string): Promise<void> {
    try {
      await action;
      this.#say(done);
    } catch (error) {
      // The clipboard speaks to programmers; what the client says is for people.
      const { language } = this.#host;
      const isForPeople = error instanceof Error && !(error instanceof DOMException);
      this.#say(isForPeople ? errorText(error, language) : language.words(detailsWords).problem);
    }
  }

  #say(line: string | undefined): void {
    clearTimeout(this.#timer);
    this.#said = line;
    this.#host.requestUpdate();
    if (line) this.#timer = setTimeout(() => this.#say(undefined), DONE_MS);
  }
}

function renderFacts({ outbox }: HybridClient, health: ClientHealth, language: Language): TemplateResult {
  const words = language.words(detailsWords);
  const at = (time: number) => when(time, language.tag);
  const { status, tenantId, token, pausedMs } = health;
  const { waiting, failed, oldestAt, quarantined } = outbox.status();
  const { persisted, state, error, lastGap } = status;
  const kept = waiting + failed + quarantined;
  // Before a connection says whose messages these are, none may only mean that none are known.
  const known = kept > 0 || state === 'live' || state === 'degraded';
  const row = (name: string, value: unknown, tone = '') =>
    html`<dt>${name}</dt>
      <dd class=${tone}><bdi>${value}</bdi></dd>`;
  return html`<dl part="details">
    ${known ? [row(words.waiting, language.number(waiting)), row(words.failed, language.number(failed))] : nothing}
    ${
      known && (persisted || kept > 0)
        ? row(words.saved, persisted ? words.yes : words.no, persisted ? '' : 'no')
        : nothing
    }
    ${oldestAt === undefined ? nothing : row(words.oldest, at(oldestAt))}
    ${quarantined > 0 ? row(words.unreadable, language.number(quarantined)) : nothing}
    ${lastGap?.messages ? row(words.gap, words.filled({ count: lastGap.messages, time: at(lastGap.at) })) : nothing}
    ${pausedMs > 0 ? row(words.requests, words.paused({ time: duration(pausedMs, language.tag) })) : nothing}
    ${state === 'idle' ? nothing : row(words.since, at(status.since))} ${row(words.tenant, tenantId)}
    ${
      token?.renewing
        ? row(words.signIn, words.renewing)
        : token?.held && token.expiresInMs !== undefined && token.expiresInMs > 0
          ? row(words.signIn, words.lasts({ time: duration(token.expiresInMs, language.tag) }))
          : nothing
    }
    ${error ? row(words.technical, technicalWords(error)) : nothing}
  </dl>`;
}

/** For whoever looks after the site. */
function technicalWords({ message, code, status }: NonNullable<ConnectionStatus['error']>): string {
  return `${message} (${[code, status].filter(Boolean).join(', ')})`;
}

/** What the visitor wrote, to be kept elsewhere. */
function textOf({ message: { text, data } }: DeadLetter): string {
  return [text, data && JSON.stringify(data, undefined, 2)].filter(Boolean).join('\n');
}
