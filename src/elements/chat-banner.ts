import { html, nothing, type TemplateResult } from 'lit';
import type { ConnectionStatus, Conversation } from '../client/types.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { deliveryWords } from './chat-delivery-words.ts';
import { chatWords } from './chat-words.ts';
import { causeWords, connectionWords, mayTryNow } from './connection-words.ts';
import { errorText } from './error-text.ts';
import { icon } from './icons.ts';
import type { Language } from './language.ts';
import { sentence, sentences } from './sentences.ts';

/** One failed attempt is soon made good; from the second on, the visitor is told. At once if messages are missing. */
const ATTEMPTS_BEFORE_NOTICE = 2;
/** One message that failed has its own buttons; from the second on, one button does for all. */
const FAILED_BEFORE_NOTICE = 2;
/** Failures that are told at once, whatever the number of attempts. */
const REFUSALS: ReadonlySet<unknown> = new Set<ErrorCode>(['unauthorized', 'forbidden']);

export interface BannerState {
  readonly host: ChatViewHost;
  readonly status: ConnectionStatus | undefined;
  readonly conversation: Conversation | undefined;
  /** An action of the visitor that failed, in words for people. */
  readonly failure: string | undefined;
  /** Stored messages that cannot be read, of which nobody has taken note. */
  readonly unreadable: number;
  dismiss(): void;
  dismissUnreadable(): void;
  retryAll(): void;
}

interface Banner {
  readonly tone: 'calm' | 'danger';
  readonly text: string;
  /** For whoever looks after the site. */
  readonly title?: string;
  readonly detail?: string | undefined;
  readonly action?: { readonly label: string; run(): void };
}

/**
 * The one thing that most needs saying of the chat, above the conversation, and below it why an action failed. What the
 * visitor typed is never in its way.
 */
export function renderBanner(state: BannerState): TemplateResult {
  const { failure, dismiss, host } = state;
  const label = host.language.words(chatWords).dismiss;
  return html`<div class="banners" role="status">
    ${renderOne(choose(state))}
    ${
      failure === undefined
        ? nothing
        : renderOne({ tone: 'danger', text: failure, action: { label, run: dismiss } })
    }
  </div>`;
}

function renderOne(banner: Banner | undefined): TemplateResult | typeof nothing {
  if (!banner) return nothing;
  const { tone, text, title, detail, action } = banner;
  return html`<div class="banner ${tone}" part="banner" title=${title ?? nothing}>
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

function choose(state: BannerState): Banner | undefined {
  const { host, status, conversation, unreadable } = state;
  const { language } = host;
  const words = language.words(chatWords);
  if (host.consentNeeded) return { tone: 'calm', text: words.consent };
  const { problem, client } = host;
  if (problem) {
    const retry = { label: words.retry, run: () => host.retryLoad() };
    return {
      tone: 'danger',
      text: errorText(problem, language),
      ...(problem.retryable && { action: retry }),
    };
  }
  const action = { label: words.tryNow, run: () => client?.retryNow() };
  const noticed = conversation?.error ? 0 : ATTEMPTS_BEFORE_NOTICE;
  const trouble = status && troubleOf(status, noticed, language);
  if (trouble) return { ...trouble, ...(mayTryNow(status) && { action }) };
  const left = status && disconnectedWords(status, language);
  if (left) return { tone: 'calm', text: left, action };
  if (status?.state === 'closed' && status.error) return { tone: 'danger', ...wordsOf(status, language) };
  const failed = conversation?.messages.filter(({ delivery }) => delivery?.state === 'failed').length ?? 0;
  if (failed >= FAILED_BEFORE_NOTICE) {
    return {
      tone: 'danger',
      text: words.notSent({ count: failed }),
      action: { label: words.retryAll({ count: failed }), run: state.retryAll },
    };
  }
  if (conversation?.error) {
    const why = causeWords(conversation.error, language);
    return {
      tone: 'danger',
      text: sentences(language, words.historyFailed, why),
      title: conversation.error.message,
      action,
    };
  }
  if (unreadable > 0) {
    return {
      tone: 'calm',
      text: words.unreadable({ count: unreadable }),
      action: { label: words.dismiss, run: state.dismissUnreadable },
    };
  }
  return undefined;
}

/** What keeps messages from coming and going, where it has lasted; and what becomes of what is written meanwhile. */
function troubleOf(
  status: ConnectionStatus,
  noticed: number,
  language: Language,
): Omit<Banner, 'action'> | undefined {
  const words = language.words(chatWords);
  const { state, reason, error, attempt, persisted, until } = status;
  const isTold = state === 'unauthorized' || state === 'offline';
  // Also while the next attempt runs, or the banner would come and go with each.
  const isAttempt = state === 'connecting' || state === 'syncing';
  const isTrying = state === 'waiting' || isAttempt;
  const wasTold = isAttempt && attempt > 0 && (reason === 'no-network' || REFUSALS.has(error?.code));
  if (state === 'waiting' && reason === 'configuration')
    return { tone: 'danger', ...wordsOf(status, language) };
  if (!isTold && !wasTold && !(isTrying && attempt >= noticed)) return undefined;
  // An attempt is over when nothing is missing: reading that is no news here.
  const said: ConnectionStatus = isAttempt ? { ...status, state: 'connecting' } : status;
  const { text, title } = wordsOf(said, language);
  const detail =
    until === undefined && !isTrying ? undefined : connectionWords(said, Date.now(), language).countdown;
  const kept = persisted ? words.willBeSent : words.willBeSentUnsaved;
  return { tone: 'calm', text: sentences(language, text, kept), title, detail };
}

/** What the connection's own words are, as sentences. */
function wordsOf(status: ConnectionStatus, language: Language): Pick<Banner, 'text' | 'title'> {
  const { label, hint } = connectionWords(status, Date.now(), language);
  return { text: sentence(language, sentences(language, label, hint)), title: status.error?.message };
}

/** Of messages that wait for somebody to connect again. A client that nobody has asked for yet is about to connect. */
function disconnectedWords(status: ConnectionStatus, language: Language): string | undefined {
  const { state, reason, pending, failed, persisted } = status;
  const waiting = pending - failed;
  if (state !== 'idle' || reason === 'initial' || waiting <= 0) return undefined;
  const unsaved = !persisted && language.words(deliveryWords).notSaved;
  return sentence(
    language,
    sentences(language, language.words(chatWords).disconnected({ count: waiting }), unsaved),
  );
}
