import type { IncomingMessage } from 'node:http';
import type { CredentialKind } from './auth.ts';

/** One request or hub invocation, as `/__control` reports it. Holds no credential, token or message text. */
export interface ReceivedEntry {
  /** ISO 8601. */
  at: string;
  transport: 'rest' | 'sse' | 'hub' | 'health' | 'token' | 'metrics' | 'errors' | 'incidents';
  /** HTTP method, or `CONNECT` for a WebSocket upgrade and `INVOKE` for a hub invocation. */
  method: string;
  /** Hub method, for invocations. */
  target?: string;
  path: string;
  credential: CredentialKind;
  participantId?: string;
  workflow?: string;
  requestId?: string;
  /** HTTP status; 0 if the connection ended without an answer. Hub invocations: `completed`, `error` or `dropped`. */
  status?: number | string;
  /** The request's `Origin` header: the page, not a message's origin. */
  pageOrigin?: string;
  /** The W3C trace header, if one was sent. */
  traceparent?: string;
}

const KEEP = 10_000;

export function traceparentOf({ headers }: IncomingMessage): string | undefined {
  const value = headers['traceparent'];
  return typeof value === 'string' ? value : undefined;
}

/** The newest requests, and how many there have ever been. */
export class ReceivedLog {
  #entries: ReceivedEntry[] = [];
  #counts: Record<string, number> = {};

  add(entry: Omit<ReceivedEntry, 'at'>): ReceivedEntry {
    const complete = { at: new Date().toISOString(), ...entry };
    this.#entries.push(complete);
    if (this.#entries.length > KEEP) this.#entries.shift();
    const name = entry.target ?? `${entry.method} ${entry.path}`;
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
    return complete;
  }

  entries(): readonly ReceivedEntry[] {
    return this.#entries;
  }

  counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  clear(): void {
    this.#entries = [];
    this.#counts = {};
  }
}
