import { redact } from './redact.ts';

/**
 * The constant beginning of a sentence of an engine or of the SignalR client: up to the first quotation mark, colon or bracket. What
 * follows can be an address with a credential in it, a text of the server or a piece of a frame.
 */
export function constantPart(sentence: string): string {
  return redact(/^(?:\([\w ]+\) )?[^'":({<[\]}]*/.exec(sentence)?.[0].trim() ?? '');
}

/**
 * A stand-in for `reason` that can be shown to anyone, to be the `cause` of our own errors. Of the causes below it only a
 * code such as `ECONNREFUSED` is kept: what Node's `fetch` puts there can hold what the server sent.
 */
export function harmlessCause(reason: unknown): Error | undefined {
  if (reason === undefined) return undefined;
  if (!(reason instanceof Error)) return new Error('No reason was given.');
  // The engine's message quotes what it could not parse.
  if (reason instanceof SyntaxError) return new Error('SyntaxError');
  const code = codeOf(reason.cause);
  return new Error(constantPart(reason.message) + (code ? ` (${code})` : ''));
}

function codeOf(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : undefined;
}
