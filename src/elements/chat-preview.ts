import { html, nothing, type TemplateResult } from 'lit';
import type { Conversation } from '../client/types.ts';
import type { Message } from '../protocol/types.ts';
import { agentNameOf } from './agent-name.ts';
import type { LauncherHost } from './chat-launcher.ts';
import { harmlessName } from './harmless-name.ts';
import { icon } from './icons.ts';
import { isReply } from './is-reply.ts';
import { gist } from './plain-text.ts';
import { windowWords } from './window-words.ts';

/** Characters of a message that are a glimpse of it. */
const GLIMPSE = 160;

/** The newest message of an agent beside the closed floating button, until it is read or sent away. */
export class ChatPreview {
  readonly #host: LauncherHost;
  /** Id of the message that was sent away. */
  #dismissed: string | undefined;

  constructor(host: LauncherHost) {
    this.#host = host;
  }

  /** @param unread Messages that nobody has seen. */
  render(conversation: Conversation | undefined, unread: number): unknown {
    const { display, preview, launcher, language } = this.#host;
    if (!preview || display !== 'bubble' || launcher) return nothing;
    const newest = unread > 0 ? conversation?.messages.findLast(isReply) : undefined;
    const shown = newest?.id === this.#dismissed ? undefined : newest;
    const words = language.words(windowWords);
    // The region stands empty before, or nothing would be read out of it.
    const heard =
      newest && words.previewFrom({ who: this.#who(newest), text: glimpse(newest, words.newMessage) });
    return html`<div class="heard" role="status">${heard}</div>
      ${shown ? this.#renderCard(shown) : nothing}`;
  }

  #renderCard(message: Message): TemplateResult {
    const words = this.#host.language.words(windowWords);
    return html`<div
      class="ground preview ${this.#host.position}"
      part="preview"
      role="group"
      aria-label=${words.preview}
    >
      <button type="button" class="read" @click=${this.#open}>
        <span class="who">${this.#who(message)}</span>
        <span class="text" dir="auto">${glimpse(message, words.newMessage)}</span>
      </button>
      <button
        type="button"
        class="dismiss"
        aria-label=${words.dismissPreview}
        title=${words.dismissPreview}
        @click=${() => this.#dismiss(message)}
      >
        ${icon('close')}
      </button>
    </div>`;
  }

  #who({ workflowType }: Message): string {
    return agentNameOf(this.#host, workflowType);
  }

  #open = () => {
    this.#focusLauncher(); // The card goes, and focus would be nowhere when the window closes again.
    this.#host.show();
  };

  #dismiss({ id }: Message): void {
    this.#dismissed = id;
    this.#focusLauncher();
    this.#host.requestUpdate();
  }

  #focusLauncher(): void {
    this.#host.renderRoot.querySelector<HTMLElement>('.launcher')?.focus({ preventScroll: true });
  }
}

/** The beginning of a message in one line, without the signs of Markdown. */
function glimpse(message: Message, otherwise: string): string {
  return harmlessName(gist(message), GLIMPSE) || otherwise;
}
