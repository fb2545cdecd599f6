import { normaliseParticipant } from '../protocol/workflow.ts';

/** What a JWT says of itself, unverified; nothing for a token that is none. The server decides what is true of it. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const payload = token.split('.')[1];
  if (!payload) return {};
  try {
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (char) =>
      char.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {}; // Not a JWT that can be read here. The server decides whether it is one.
  }
}

/** The `sub` of a JWT, unverified: it tells who the page says it is, and the server decides. */
export function subjectOf(token: string): string | undefined {
  const { sub } = claimsOf(token);
  return typeof sub === 'string' && sub !== '' ? sub : undefined;
}

/**
 * Whether `token` is one of `participantId`: `undefined` when it does not say whose it is. A server may be set to read
 * another claim than `sub`, so a token that names the participant in any of its claims is theirs.
 */
export function belongsTo(token: string, participantId: string): boolean | undefined {
  if (subjectOf(token) === undefined) return undefined;
  const wanted = normaliseParticipant(participantId);
  return Object.values(claimsOf(token)).some(
    (claim) => typeof claim === 'string' && normaliseParticipant(claim) === wanted,
  );
}
