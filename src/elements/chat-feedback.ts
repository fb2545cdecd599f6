import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import type { Message } from '../protocol/types.ts';
import { XiansFeedbackEvent } from './chat-events.ts';
import { feedbackWords } from './chat-feedback-words.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { drawing } from './icons.ts';

export { chatFeedbackStyles as styles } from './chat-feedback-styles.ts';

/** Why a reply was not good: of the categories that Xians has for it, those that a visitor can judge. */
const REASONS = [
  'FactuallyIncorrect',
  'DidNotAnswerActualQuestion',
  'MissingImportantDetails',
  'ResponseTooGeneric',
  'ResponseTooLong',
  'ResponseDifficultToUnderstand',
  'Other',
] as const;
type Reason = (typeof REASONS)[number];

/** Worse than this asks for a reason. */
const GOOD = 4;
/** UTF-16 units. */
const COMMENT_LENGTH = 2_000;

const thumb = svg`<path d="M7 11v9H4v-9zM7 11l4-8c1.6 0 2.6 1 2.6 2.6V9H19a1.8 1.8 0 0 1 1.8 2.1l-1.2 7.2A2 2 0 0 1 17.6 20H7" />`;
const star = svg`<path d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1.1 5.9-5.3-2.9-5.3 2.9 1.1-5.9-4.3-4.1 5.9-.8z" />`;

/** What was said of one reply. */
interface Rating {
  readonly rating: number;
  readonly reason?: Reason | undefined;
  readonly comment?: string;
  /** `asking`: a reason and a comment can be added. */
  readonly stage: 'asking' | 'thanked' | 'rated';
}

/** What {@link Feedback} needs from outside. */
export interface FeedbackPorts {
  readonly host: ChatViewHost;
  /** Has words read out. */
  say(words: string): void;
}

/**
 * Ratings of replies. A rating is told to the page at once, and once more with what is added to it; the last one counts.
 * Kept for the life of the page and nowhere else.
 */
export class Feedback {
  readonly #ports: FeedbackPorts;
  #given: ReadonlyMap<string, Rating> = new Map();

  constructor(ports: FeedbackPorts) {
    this.#ports = ports;
  }

  /** Another object after every change. */
  get given(): ReadonlyMap<string, Rating> {
    return this.#given;
  }

  /** Forgets everything, as after a sign-out. */
  forget(): void {
    this.#given = new Map();
    this.#ports.host.requestUpdate();
  }

  /** What rates `message`, and what can be added to that. */
  render(message: Message): TemplateResult {
    const { host } = this.#ports;
    const words = host.language.words(feedbackWords);
    const given = this.#given.get(message.id);
    return html`<div
      class="feedback"
      part="feedback"
      role="group"
      aria-label=${words.rate}
      @keydown=${(event: KeyboardEvent) => this.#onKeyDown(event, message)}
    >
      <span class="rates ${given ? '' : 'quietly'}">
        ${host.feedback === 'stars' ? this.#renderStars(message) : this.#renderThumbs(message)}
      </span>
      ${given?.stage === 'asking' ? this.#renderForm(message, given) : nothing}
      ${given?.stage === 'thanked' ? html`<span class="thanks">${words.thanks}</span>` : nothing}
    </div>`;
  }

  #renderThumbs(message: Message): unknown {
    const words = this.#ports.host.language.words(feedbackWords);
    const rating = this.#given.get(message.id)?.rating;
    return [
      this.#renderRate(message, 5, words.good, thumb, rating === 5),
      this.#renderRate(message, 1, words.bad, thumb, rating === 1, 'down'),
    ];
  }

  #renderStars(message: Message): unknown {
    const words = this.#ports.host.language.words(feedbackWords);
    const rating = this.#given.get(message.id)?.rating ?? 0;
    return [1, 2, 3, 4, 5].map((count) =>
      this.#renderRate(
        message,
        count,
        words.stars({ count }),
        star,
        rating === count,
        rating >= count ? 'lit' : '',
      ),
    );
  }

  #renderRate(
    message: Message,
    rating: number,
    label: string,
    shape: SVGTemplateResult,
    pressed: boolean,
    look = '',
  ): TemplateResult {
    return html`<button
      type="button"
      class="tool rate ${look}"
      aria-pressed=${pressed}
      aria-label=${label}
      title=${label}
      @click=${() => this.#rate(message, rating)}
    >
      ${drawing(shape)}
    </button>`;
  }

  #renderForm(message: Message, given: Rating): TemplateResult {
    const words = this.#ports.host.language.words(feedbackWords);
    const bad = given.rating < GOOD;
    return html`<form
      class="why"
      aria-label=${bad ? words.whatWasWrong : words.whatWasGood}
      @submit=${(event: SubmitEvent) => this.#onSubmit(event, message)}
    >
      <span class="question">${bad ? words.whatWasWrong : words.whatWasGood}</span>
      ${
        bad
          ? html`<span class="reasons">
              ${REASONS.map(
                (reason) =>
                  html`<button
                    type="button"
                    class="pill"
                    aria-pressed=${given.reason === reason}
                    @click=${() =>
                      this.#set(message, { ...given, reason: given.reason === reason ? undefined : reason })}
                  >
                    ${words[reason]}
                  </button>`,
              )}
            </span>`
          : nothing
      }
      <textarea
        class="comment"
        rows="2"
        dir="auto"
        maxlength=${COMMENT_LENGTH}
        aria-label=${words.comment}
        placeholder=${words.optional}
        .value=${given.comment ?? ''}
        @keydown=${(event: KeyboardEvent) => event.key === 'Enter' && event.stopPropagation()}
      ></textarea>
      <span class="do">
        <button type="submit" class="pill tell">${words.send}</button>
        <button type="button" class="link" @click=${(event: Event) => this.#skip(event, message)}>
          ${words.skip}
        </button>
      </span>
    </form>`;
  }

  #rate(message: Message, rating: number): void {
    if (this.#given.get(message.id)?.rating !== rating) {
      this.#fire(message, { rating });
      this.#ports.say(this.#ports.host.language.words(feedbackWords).noted);
    }
    this.#set(message, { rating, stage: 'asking' });
  }

  #onSubmit(event: SubmitEvent, message: Message): void {
    event.preventDefault();
    const given = this.#given.get(message.id);
    if (!given) return;
    const form = event.currentTarget as HTMLFormElement;
    const comment = form.querySelector('textarea')?.value.trim() ?? '';
    const { rating, reason } = given;
    if (reason || comment) this.#fire(message, { rating, reason, comment });
    focusRate(form);
    this.#set(message, { rating, reason, comment, stage: 'thanked' });
    this.#ports.say(this.#ports.host.language.words(feedbackWords).thanks);
  }

  #skip(event: Event, message: Message): void {
    const given = this.#given.get(message.id);
    if (given?.stage !== 'asking') return;
    focusRate(event.currentTarget as HTMLElement);
    this.#set(message, { ...given, stage: 'rated' });
  }

  /** Escape leaves the form, not the window. */
  #onKeyDown(event: KeyboardEvent, message: Message): void {
    if (event.key !== 'Escape' || this.#given.get(message.id)?.stage !== 'asking') return;
    event.preventDefault();
    event.stopPropagation();
    this.#skip(event, message);
  }

  #fire(message: Message, said: { rating: number; reason?: string | undefined; comment?: string }): void {
    this.#ports.host.dispatchEvent(new XiansFeedbackEvent({ message, ...said }));
  }

  #set(message: Message, rating: Rating): void {
    this.#given = new Map(this.#given).set(message.id, rating);
    this.#ports.host.requestUpdate();
  }
}

/** What has focus is about to go. */
function focusRate(element: HTMLElement): void {
  const group = element.closest('.feedback');
  const rate =
    group?.querySelector<HTMLElement>('.rate[aria-pressed="true"]') ??
    group?.querySelector<HTMLElement>('.rate');
  rate?.focus({ preventScroll: true });
}
