import type { ConnectionState } from './types.ts';

/** What a state allows. */
export interface StateRules {
  /** The states that may follow it. */
  readonly next: readonly ConnectionState[];
  /** Messages arrive, and what waits may leave. */
  readonly isConnected?: true;
  /** History can be read. */
  readonly reads?: true;
  /** An attempt is running that a sleep or another network may have killed unnoticed. */
  readonly attempts?: true;
  /** A wait that a nudge cuts short. */
  readonly waits?: true;
  /** It says something about the server: the state of a tab that leads, as the others may show it. */
  readonly tells?: true;
}

/** From any state: the page froze, or nobody wants the connection any more. */
const ENDS = ['suspended', 'idle', 'closed'] as const;
/** What a failure leads to, once the credential cannot be renewed either. */
const FAILURES = ['connecting', 'waiting', 'offline', 'unauthorized'] as const;

/** Every state of a connection, what it allows and what may follow it. */
export const STATES: Readonly<Record<ConnectionState, StateRules>> = {
  idle: { next: [...FAILURES, ...ENDS] },
  connecting: { next: ['syncing', ...FAILURES, ...ENDS], attempts: true, tells: true },
  syncing: {
    next: ['live', 'degraded', ...FAILURES, ...ENDS],
    reads: true,
    attempts: true,
    tells: true,
  },
  live: { next: ['degraded', ...FAILURES, ...ENDS], isConnected: true, reads: true, tells: true },
  degraded: { next: ['live', ...FAILURES, ...ENDS], isConnected: true, reads: true, tells: true },
  waiting: { next: [...FAILURES, ...ENDS], waits: true, tells: true },
  offline: { next: [...FAILURES, ...ENDS], waits: true, tells: true },
  unauthorized: { next: [...FAILURES, ...ENDS], waits: true, tells: true },
  suspended: { next: [...FAILURES, ...ENDS] },
  closed: { next: [] },
};
