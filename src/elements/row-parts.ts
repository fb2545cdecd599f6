import type { CSSResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import { addStyles } from './add-styles.ts';
import { isRare, type RowContext } from './chat-message.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { LazyPart } from './lazy-part.ts';

/** What rows show that only some conversations have, and that is loaded for them. */
export class RowParts {
  readonly #host: ChatViewHost;
  readonly #rare = new LazyPart(
    () => import('./chat-rare-rows.ts'),
    ({ styles }) => this.#restyle(styles),
  );
  readonly #feedback;

  /** @param say Has words read out. */
  constructor(host: ChatViewHost, say: (words: string) => void) {
    this.#host = host;
    this.#feedback = new LazyPart(
      async () => {
        const { Feedback, styles } = await import('./chat-feedback.ts');
        return { styles, desk: new Feedback({ host, say }) };
      },
      ({ styles }) => this.#restyle(styles),
    );
  }

  /** Fetches what `conversation` needs. */
  load(conversation: Conversation | undefined): void {
    if (this.#host.feedback) this.#feedback.want();
    if (conversation?.messages.some(isRare)) this.#rare.want();
  }

  rest(): void {
    this.#rare.rest();
    this.#feedback.rest();
  }

  /** Forgets what the visitor said of another conversation. */
  forget(): void {
    this.#feedback.value?.desk.forget();
  }

  look(conversation: Conversation): Pick<RowContext, 'rare' | 'feedback' | 'waitingSince'> {
    return {
      rare: this.#rare.value,
      feedback: this.#host.feedback ? this.#feedback.value?.desk : undefined,
      waitingSince: conversation.awaitingReply?.since,
    };
  }

  /** Rows may change when these do. */
  get shown(): readonly unknown[] {
    return [this.#rare.value, this.#host.feedback, this.#feedback.value?.desk.given];
  }

  #restyle(styles: CSSResult): void {
    addStyles(this.#host, styles);
    this.#host.requestUpdate();
  }
}
