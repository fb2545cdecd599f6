import type { IncomingHttpHeaders } from 'node:http';
import type { Authenticator } from '../auth.ts';
import { isRecord } from '../values.ts';
import type { Switches } from './switches.ts';

/** How a credential came, for the report. */
export type Presented = 'none' | `${'payload' | 'header'}-${'jwt' | 'key' | 'other'}`;

/** Who may come in. By default everybody, with any token or none. */
export class Gate {
  readonly #switches: Switches;
  readonly #auth: Authenticator;
  counts: Partial<Record<Presented, number>> = {};

  constructor(switches: Switches, auth: Authenticator) {
    this.#switches = switches;
    this.#auth = auth;
  }

  /** The token with which somebody is let in, `''` for none; `undefined`: refused. The payload counts before the header. */
  admit(headers: IncomingHttpHeaders, payload?: unknown): string | undefined {
    const inPayload = bearer(isRecord(payload) ? (payload['Authorization'] ?? payload['authorization']) : '');
    const token = inPayload ?? bearer(headers.authorization);
    const kind = presented(token, inPayload !== undefined);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    return this.accepts(token ?? '') ? (token ?? '') : undefined;
  }

  /** Whether `token` is good enough now. */
  accepts(token: string): boolean {
    return !this.#switches.get('incidents-auth').required || this.#auth.acceptsToken(token);
  }
}

function bearer(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return /^(?:bearer\s+)?(.+)$/i.exec(value.trim())?.[1];
}

function presented(token: string | undefined, inPayload: boolean): Presented {
  if (token === undefined) return 'none';
  const what = token.startsWith('sk-') ? 'key' : token.split('.').length === 3 ? 'jwt' : 'other';
  return `${inPayload ? 'payload' : 'header'}-${what}`;
}
