import type { RealtimeError } from '../protocol/errors.ts';
import { errorDetails, errorFromDetails, type ErrorDetails } from '../protocol/error-details.ts';
import type { Channel, ChannelKind, Connection, ConnectionSnapshot } from './connection.ts';
import { STATES } from './connection-states.ts';
import type { StateReason } from './types.ts';

/** A connection as the tab that has it describes it to the others: plain data. */
export interface ConnectionReport {
  readonly state: ConnectionSnapshot['state'];
  readonly reason: StateReason;
  readonly since: number;
  readonly until: number | undefined;
  readonly attempt: number;
  readonly error: ErrorDetails | undefined;
  /** The channel that messages arrive on, once it is complete there. */
  readonly channel: ChannelKind | undefined;
  /** Counts channels: with another number, everything has to be subscribed and read again. */
  readonly generation: number;
}

/** Describes this tab's connection to those that follow. */
export class ConnectionReporter {
  #channel: Channel | undefined;
  #generation = 0;

  report({ snapshot, channel }: Pick<Connection, 'snapshot' | 'channel'>): ConnectionReport {
    if (channel && channel !== this.#channel) this.#generation++;
    this.#channel = channel;
    const { state, reason, since, until, attempt, error } = snapshot;
    return {
      ...{ state, reason, since, until, attempt },
      error: error && errorDetails(error),
      channel: channel?.kind,
      generation: this.#generation,
    };
  }
}

const CHANNELS: ReadonlySet<unknown> = new Set<ChannelKind>(['hub', 'sse', 'poll']);

/** `value` as a report; `undefined` when it is none, or tells of no connection. */
export function readReport(
  value: unknown,
): (Omit<ConnectionReport, 'error'> & { readonly error: RealtimeError | undefined }) | undefined {
  const report = (typeof value === 'object' && value !== null ? value : {}) as Record<
    keyof ConnectionReport,
    unknown
  >;
  const { state, reason, since, until, attempt, error, channel, generation } = report;
  const isReport =
    typeof state === 'string' &&
    Object.hasOwn(STATES, state) &&
    // A leader in another state has not begun or is about to go.
    STATES[state as keyof typeof STATES].tells &&
    typeof reason === 'string' &&
    [since, attempt, generation].every(Number.isFinite) &&
    (until === undefined || Number.isFinite(until)) &&
    // What is called connected without a channel has just lost it.
    (channel === undefined ? !STATES[state as keyof typeof STATES].isConnected : CHANNELS.has(channel));
  if (!isReport) return undefined;
  return {
    ...(report as unknown as ConnectionReport),
    error: error === undefined ? undefined : errorFromDetails(error),
  };
}
