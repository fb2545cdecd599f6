import { html, nothing, type TemplateResult } from 'lit';
import type { ConnectionStatus, Conversation } from '../client/types.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { words } from './chat-words.ts';
import { connectionWords } from './connection-words.ts';
import { icon } from './icons.ts';

/** One failed attempt is soon made good; from the second on, the visitor is told. At once if messages are missing. */
const ATTEMPTS_BEFORE_NOTICE = 2;
/** One message that failed has its own buttons; from the second on, one button does for all. */
const FAILED_BEFORE_NOTICE = 2;

export interface BannerState {
  readonly host: ChatViewHost;
  readonly status: ConnectionStatus | undefined;
  readonly conversation: Conversation | undefined;
  /** An action of the visitor that failed, in words for people. */
  readonly failure: string | undefined;
  dismiss(): void;
  retryAll(): void;
}

interface Banner {
  readonly tone: 'calm' | 'danger';
  readonly text: string;
  readonly detail?: string | undefined;
  readonly action?: { readonly label: string; run(): void };
}

/**
 * The one thing that most needs saying of the chat, above the conversation, and below it why an action failed. What the
 * visitor typed is never in its way.
 */
export function renderBanner(state: BannerState): TemplateResult {
  const { failure, dismiss } = state;
  return html`<div class="banners" role="status">
    ${renderOne(choose(state))}
    ${
      failure === undefined
        ? nothing
        : renderOne({ tone: 'danger', text: failure, action: { label: words.dismiss, run: dismiss } })
    }
  </div>`;
}

function renderOne(banner: Banner | undefined): TemplateResult | typeof nothing {
  if (!banner) return nothing;
  const { tone, text, detail, action } = banner;
  return html`<div class="banner ${tone}" part="banner">
    ${icon(tone === 'danger' ? 'alert' : 'clock')}
    <span>
      <bdi>${text}</bdi>
      ${detail ? html`<span class="countdown" aria-hidden="true">${detail}</span>` : nothing}
    </span>
    ${
      action
        ? html`<button type="button" class="link" @click=${action.run}>${action.label}</button>`
        : nothing
    }
  </div>`;
}

function choose({ host, status, conversation, retryAll }: BannerState): Banner | undefined {
  if (host.consentNeeded) return { tone: 'calm', text: words.consent };
  const { problem, client } = host;
  if (problem) {
    const retry = { label: words.retry, run: () => host.retryLoad() };
    return { tone: 'danger', text: problem.message, ...(problem.retryable && { action: retry }) };
  }
  const action = { label: words.tryNow, run: () => client?.retryNow() };
  if (status?.state === 'waiting' && status.reason === 'configuration' && status.error) {
    return { tone: 'danger', text: status.error.message, action };
  }
  const noticed = conversation?.error ? 0 : ATTEMPTS_BEFORE_NOTICE;
  const disconnected = status && disconnection(status, noticed);
  if (disconnected)
    return { tone: 'calm', text: disconnected, detail: connectionWords(status).countdown, action };
  const left = status && disconnectedWords(status);
  if (left) return { tone: 'calm', text: left, action };
  if (status?.state === 'closed' && status.error) return { tone: 'danger', text: status.error.message };
  const failed = conversation?.messages.filter(({ delivery }) => delivery?.state === 'failed').length ?? 0;
  if (failed >= FAILED_BEFORE_NOTICE) {
    return {
      tone: 'danger',
      text: words.notSent(failed),
      action: { label: words.retryAll(failed), run: retryAll },
    };
  }
  if (conversation?.error) {
    return { tone: 'danger', text: `${words.historyFailed} ${conversation.error.message}`, action };
  }
  return undefined;
}

function disconnection({ state, attempt, persisted }: ConnectionStatus, noticed: number): string | undefined {
  const trouble = troubleWords(state, attempt >= noticed);
  return trouble && `${trouble} ${persisted ? words.willBeSent : words.willBeSentUnsaved}`;
}

/** Of messages that wait for somebody to connect again. A client that nobody has asked for yet is about to connect. */
function disconnectedWords({
  state,
  reason,
  pending,
  failed,
  persisted,
}: ConnectionStatus): string | undefined {
  const waiting = pending - failed;
  if (state !== 'idle' || reason === 'initial' || waiting <= 0) return undefined;
  return [words.disconnected(waiting), !persisted && `${words.notSaved}.`].filter(Boolean).join(' ');
}

function troubleWords(state: ConnectionStatus['state'], noticed: boolean): string | undefined {
  if (state === 'unauthorized') return words.signedOut;
  if (state === 'offline') return words.offline;
  // Also while the next attempt runs, or the banner would come and go with each.
  const trying = state === 'waiting' || state === 'connecting';
  return trying && noticed ? words.unreachable : undefined;
}
