import type { IncomingHttpHeaders } from 'node:http';
import type { WebSocket } from 'ws';
import type { Gate } from './gate.ts';
import type { LiveOperations } from './live.ts';
import type { Operations } from './operations.ts';
import type { Wire } from './wire.ts';

/** One socket, and what is needed to speak on it. */
export interface Session {
  readonly socket: WebSocket;
  readonly wire: Wire;
  readonly headers: IncomingHttpHeaders;
  readonly gate: Gate;
  readonly operations: Operations;
  readonly live: LiveOperations;
  /** How long a client may take for its first message. */
  readonly initTimeoutMs: number;
  /** Says which token has let it in; `''`: none. */
  readonly admitted: (token: string) => void;
}
