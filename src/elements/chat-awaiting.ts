import { html, nothing } from 'lit';
import type { Conversation } from '../client/types.ts';
import { workflowType } from '../protocol/workflow.ts';
import { agentNameOf, isFirstAgent } from './agent-name.ts';
import { askingWords } from './chat-asking-words.ts';
import { renderAvatar } from './chat-avatar.ts';
import type { RowContext } from './chat-message.ts';
import { icon } from './icons.ts';
import type { TranscriptItem } from './transcript.ts';

/** So long, in milliseconds, a reply may take before it is said that one is on its way: most come before. */
const LONG_MS = 4_000;

/** Says once of a request that it takes a while. */
export class AwaitingSpeech {
  readonly #say: () => void;
  #requestId: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: () => void) {
    this.#say = say;
  }

  /** @param requestId What is waited for by now; `undefined`: nothing. */
  follow(requestId: string | undefined): void {
    if (requestId === this.#requestId) return;
    clearTimeout(this.#timer);
    this.#requestId = requestId;
    if (requestId !== undefined) this.#timer = setTimeout(this.#say, LONG_MS);
  }
}

/** Below the messages, while a reply is awaited: who is at it, that it takes long, and the way out. */
export function renderAwaiting(
  { awaitingReply, activeWorkflow, workflowId }: Conversation,
  items: readonly TranscriptItem[],
  { host, isReached, language, actions }: Pick<RowContext, 'host' | 'isReached' | 'language' | 'actions'>,
): unknown {
  // What an agent does that cannot be reached, nobody knows; the banner says why.
  if (!awaitingReply || !isReached) return nothing;
  const words = language.words(askingWords);
  const working = items.some((item) => item.kind === 'progress' && item.live);
  const last = items.at(-1);
  // As the reply will be, so that nothing jumps when it comes.
  const named = !working && !(last?.kind === 'message' && last.message.author === 'agent');
  const type = activeWorkflow ?? workflowType(workflowId);
  const name = agentNameOf(host, type);
  return html`<div class=${named ? 'awaiting named' : 'awaiting'}>
      ${
        named
          ? html`${renderAvatar(name, isFirstAgent(host, type) ? host.agentAvatar : undefined)}
              <div class="name" dir="auto">${name}</div>`
          : nothing
      }
      <div class="line">
        ${
          working
            ? nothing
            : html`<div class="typing"><i></i><i></i><i></i><span class="hush">${words.typing}</span></div>`
        }
        <button type="button" class="link stop" @click=${() => actions.stopWaiting()}>
          ${words.stopWaiting}
        </button>
      </div>
    </div>
    ${
      awaitingReply.slow
        ? html`<div class="notice" part="notice">${icon('clock')}<span>${words.slow}</span></div>`
        : nothing
    }`;
}
