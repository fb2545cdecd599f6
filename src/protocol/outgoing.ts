import { RealtimeError } from './errors.ts';
import type { MessageType, OutgoingMessage } from './types.ts';

/** What a message carries, checked and as it travels. */
export interface OutgoingContent {
  readonly type: MessageType;
  readonly text: string | undefined;
  /** `data` as JSON. */
  readonly dataJson: string | undefined;
}

/** Settles the type of a message and checks what it carries. Throws `input` for what no transport can carry unchanged. */
export function checkContent({ text, data, type, requestId }: OutgoingMessage): OutgoingContent {
  if (text !== undefined && typeof text !== 'string') throw input('text must be a string.');
  if (requestId !== undefined && (typeof requestId !== 'string' || requestId.trim() === '')) {
    throw input('requestId must be a string that is not empty.');
  }
  const settled = type ?? (data !== undefined && !text?.trim() ? 'Data' : 'Chat');
  if (text === undefined && data === undefined && settled === 'Chat') {
    throw input('A message needs text or data.');
  }
  return { type: settled, text, dataJson: data === undefined ? undefined : serialise(data) };
}

/** The server returns only objects as they were sent, and unwraps one whose single key is `value`. */
function serialise(data: unknown): string {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw input('data must be an object: the server changes other values.');
  }
  const keys = Object.keys(data);
  if (keys.length === 1 && keys[0] === 'value') {
    throw input('data needs a key other than "value": the server unwraps such an object.');
  }
  try {
    return JSON.stringify(data);
  } catch (cause) {
    throw input('data cannot be written as JSON.', cause);
  }
}

function input(message: string, cause?: unknown): RealtimeError {
  return new RealtimeError('input', message, { cause });
}
