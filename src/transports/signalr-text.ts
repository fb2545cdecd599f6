/**
 * The constant beginning of a sentence of the SignalR client: up to the first quotation mark, colon or bracket. What
 * follows can be an address with a credential in it, a text of the server or a piece of a frame.
 */
export function constantPart(sentence: string): string {
  return /^(?:\([\w ]+\) )?[^'":({<[\]}]*/.exec(sentence)?.[0].trim() ?? '';
}

/** A stand-in for `reason` that can be shown to anyone, to be the `cause` of our own errors. */
export function harmlessCause(reason: unknown): Error | undefined {
  if (reason === undefined) return undefined;
  if (!(reason instanceof Error)) return new Error('The SignalR client gave no reason.');
  // The engine's message quotes what it could not parse.
  if (reason instanceof SyntaxError) return new Error('SyntaxError');
  return new Error(constantPart(reason.message));
}
