import { css, html, type TemplateResult } from 'lit';
import { RealtimeError } from '../protocol/errors.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { XiansErrorEvent } from './events.ts';
import { hoursWords } from './hours-words.ts';
import { icon } from './icons.ts';
import { OpeningHours } from './opening-hours.ts';
import { sentence } from './sentences.ts';

const MINUTE_MS = 60_000;

export const styles = css`
  .away {
    display: flex;
    gap: calc(var(--_space) * 2);
    margin: 0 0 calc(var(--_space) * 2);
    padding: 0 calc(var(--_space) * 2);
    color: var(--_muted);
    font-size: 0.9em;
    line-height: 1.4;
  }

  .pre-chat > .away {
    margin: 0;
    padding: 0;
  }
`;

/** Says when nobody is there to answer, and when somebody is again. Writing stays possible. */
export class ChatHours {
  readonly #host: ChatViewHost;
  #read: string | undefined;
  /** `undefined` where the attribute cannot be read: then somebody is always there. */
  #hours: OpeningHours | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ChatViewHost) {
    this.#host = host;
  }

  /** `undefined` while somebody is there. */
  render(now: number): TemplateResult | undefined {
    const hours = this.#parse();
    if (!hours) return undefined;
    this.#look(now);
    if (hours.isOpen(now)) return undefined;
    const { awayText, language } = this.#host;
    const text = awayText?.trim() || language.words(hoursWords).away;
    return html`<p class="away" part="away">
      ${icon('clock')}<span
        ><span dir="auto">${sentence(language, text)}</span> ${this.#back(hours.nextOpening(now), now)}</span
      >
    </p>`;
  }

  /** Looks at the clock no more until the next render. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #parse(): OpeningHours | undefined {
    const { hours = '' } = this.#host;
    if (hours === this.#read) return this.#hours;
    this.#read = hours;
    this.#hours = undefined;
    this.rest();
    try {
      if (hours) this.#hours = new OpeningHours(hours);
    } catch (error) {
      const problem = RealtimeError.from(error, 'input', 'The attribute hours cannot be read.');
      // Not while the chat is drawn: what a page does then would have to be drawn at once.
      queueMicrotask(() => this.#host.dispatchEvent(new XiansErrorEvent(problem)));
    }
    return this.#hours;
  }

  /** Again when the next minute begins. Not for a host that has left the page: it may draw itself once more. */
  #look(now: number): void {
    if (!this.#host.isConnected) return;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#host.requestUpdate();
      },
      MINUTE_MS - (now % MINUTE_MS),
    );
  }

  /** In the reader's own time. */
  #back(at: number, now: number): string {
    const { language } = this.#host;
    const words = language.words(hoursWords);
    const time = new Intl.DateTimeFormat(language.tag, { timeStyle: 'short' }).format(at);
    const days = Math.round((midnight(at) - midnight(now)) / (24 * 60 * MINUTE_MS));
    if (days === 0) return words.backToday({ time });
    if (days === 1) return words.backTomorrow({ time });
    // A week ahead, its name alone would mean today.
    const far = days > 6 ? ({ day: 'numeric', month: 'long' } as const) : {};
    const day = new Intl.DateTimeFormat(language.tag, { weekday: 'long', ...far }).format(at);
    return words.backOn({ day, time });
  }
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
