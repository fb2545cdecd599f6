import { html, nothing } from 'lit';
import type { Conversation } from '../client/types.ts';
import { askingWords } from './chat-asking-words.ts';
import type { RowContext } from './chat-message.ts';
import { icon } from './icons.ts';
import type { TranscriptItem } from './transcript.ts';

/** Below the messages, while a reply is awaited: that somebody is at it, that it takes long, and the way out. */
export function renderAwaiting(
  { awaitingReply }: Pick<Conversation, 'awaitingReply'>,
  items: readonly TranscriptItem[],
  { language, actions }: Pick<RowContext, 'language' | 'actions'>,
): unknown {
  if (!awaitingReply) return nothing;
  const words = language.words(askingWords);
  const working = items.some((item) => item.kind === 'progress' && item.live);
  return html`<div class="awaiting">
      ${
        working
          ? nothing
          : html`<div class="typing"><i></i><i></i><i></i><span class="hush">${words.typing}</span></div>`
      }
      <button type="button" class="link stop" @click=${() => actions.stopWaiting()}>
        ${words.stopWaiting}
      </button>
    </div>
    ${
      awaitingReply.slow
        ? html`<div class="notice" part="notice">${icon('clock')}<span>${words.slow}</span></div>`
        : nothing
    }`;
}
