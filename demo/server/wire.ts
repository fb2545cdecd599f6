import type { StoredMessage } from './store.ts';

/** UTC, trailing zeros of the fraction trimmed: `2026-07-01T09:14:57.12Z`, `2026-07-01T09:14:57Z`. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');
}

/** UTC with seven digits of fraction, as `connected` and `heartbeat` events have it. */
export function preciseTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '4567Z');
}

/** A message as history has it: 21 fields, nulls included. */
export function historyItem(message: StoredMessage) {
  return {
    feedback: null,
    id: message.id,
    threadId: message.threadId,
    requestId: message.requestId,
    tenantId: message.tenantId,
    createdAt: timestamp(message.createdAt),
    updatedAt: timestamp(message.updatedAt),
    createdBy: message.createdBy,
    direction: message.direction,
    text: message.text,
    status: null,
    data: unwrapped(message.data, 'history'),
    participantId: message.participantId,
    scope: message.scope,
    hint: message.hint,
    taskId: message.taskId,
    workflowId: message.workflowId,
    workflowType: message.workflowType,
    messageType: message.messageType,
    origin: message.origin,
    expiresAt: null,
  };
}

/** A message as the hub pushes it: no feedback, an expiry, no nulls. */
export function liveItem(message: StoredMessage) {
  const { feedback: _feedback, ...item } = historyItem(message);
  return withoutNulls({
    ...item,
    data: unwrapped(message.data, 'live'),
    expiresAt: timestamp(message.expiresAt),
  });
}

/** A message as SSE has it: exactly 14 fields, nulls included. */
export function sseItem(message: StoredMessage) {
  return {
    id: message.id,
    threadId: message.threadId,
    workflowId: message.workflowId,
    workflowType: message.workflowType,
    participantId: message.participantId,
    direction: message.direction,
    messageType: message.messageType,
    text: message.text,
    data: unwrapped(message.data, 'live'),
    hint: message.hint,
    scope: message.scope,
    requestId: message.requestId,
    createdAt: timestamp(message.createdAt),
    createdBy: message.createdBy,
  };
}

/** The one reply that `converse` returns. */
export function converseItem(message: StoredMessage) {
  return {
    threadId: message.threadId,
    text: message.text,
    participantId: message.participantId,
    data: unwrapped(message.data, 'live'),
    createdAt: timestamp(message.createdAt),
    messageType: message.messageType,
    scope: message.scope,
    requestId: message.requestId,
    hint: message.hint,
  };
}

/** `item` without its null members. Only the top level: what is inside `data` is the user's. */
export function withoutNulls(item: object): object {
  return Object.fromEntries(
    Object.entries(item).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** JSON as the SSE endpoint writes it: ASCII only, and `<>&'"+` and the backtick as `\uXXXX` too. */
export function escapedJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\(.)|[^\x20-\x7e]|[<>&'+`]/g, (match, escaped?: string) => {
    if (escaped === '"') return '\\u0022';
    return escaped === undefined ? unicodeEscape(match) : match;
  });
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** An object whose only key is `value` loses its wrapping: always when live, in history only around a string. */
function unwrapped(data: unknown, channel: 'live' | 'history'): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  const entries = Object.entries(data);
  const [name, value] = entries[0] ?? [];
  if (entries.length !== 1 || name !== 'value') return data;
  return channel === 'live' || typeof value === 'string' ? value : data;
}
