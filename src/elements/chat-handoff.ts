import { html, nothing, type TemplateResult } from 'lit';
import { handoffSource } from '../client/takeovers.ts';
import type { Message } from '../protocol/types.ts';
import { agentNameOf } from './agent-name.ts';
import { handoffWords } from './chat-handoff-words.ts';
import type { RowContext } from './chat-message.ts';
import { renderTime } from './chat-time.ts';
import { icon } from './icons.ts';

/** Longest reason that shows, in UTF-16 units. */
const REASON = 300;

/** Who answers from here on; since when, after whom and why. */
export function renderHandoff(message: Message, { host, language, format }: RowContext): TemplateResult {
  const words = language.words(handoffWords);
  const from = handoffSource(message);
  const reason = reasonOf(message.data);
  return html`<div class="notice handoff" part="notice">
    ${icon('swap')}
    <div>
      <div>${words.nowTalkingTo({ agent: agentNameOf(host, message.workflowType) })}</div>
      <div class="detail">
        ${from ? html`<span>${words.from({ agent: agentNameOf(host, from) })}</span> · ` : nothing}${renderTime(message.createdAt, format)}
      </div>
      ${reason ? html`<div class="detail" dir="auto">${words.reason({ reason })}</div>` : nothing}
    </div>
  </div>`;
}

function reasonOf(data: unknown): string | undefined {
  const reason = typeof data === 'object' && data !== null && 'reason' in data ? data.reason : undefined;
  return typeof reason === 'string' ? reason.trim().slice(0, REASON) : undefined;
}
