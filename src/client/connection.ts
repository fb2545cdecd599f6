import type { RealtimeError } from '../protocol/errors.ts';
import type { ConnectionStatus, StateReason } from './types.ts';

export type ChannelKind = 'hub' | 'sse' | 'poll';

/** An open way for messages to arrive. */
export interface Channel {
  readonly kind: ChannelKind;
  /** Settles when the channel ends by itself, with why. Never rejects. */
  readonly lost: Promise<RealtimeError>;
  subscribe(workflowId: string): Promise<void>;
  /** Round trip in milliseconds; rejects when the peer does not answer. */
  probe(): Promise<number>;
  close(): Promise<void>;
}

/** The part of the status that the connection knows. */
export type ConnectionSnapshot = Omit<
  ConnectionStatus,
  'pending' | 'failed' | 'persisted' | 'isShared' | 'isSlow' | 'lastGap'
>;

/** What keeps messages coming while it is wanted: this tab's own connection, or that of the tab that leads. */
export interface Connection {
  readonly state: ConnectionStatus['state'];
  readonly snapshot: ConnectionSnapshot;
  /** The channel in use, once everything is subscribed on it and nothing is missing. */
  readonly channel: Channel | undefined;
  /** Starts, and goes on until `stop()`; does nothing while it runs. */
  start(): void;
  /** Ends it, `final` for good. `reason` is told as that of the state. Never rejects. */
  stop(final?: boolean, reason?: StateReason): Promise<void>;
  /**
   * There is a reason to look now: the network, the page or the visitor. `isNews`: the machine slept or the network is
   * another one, so that what is under way may have died unnoticed.
   */
  nudge(isNews?: boolean): void;
  /** The page is about to be frozen; the next `nudge()` ends that. */
  freeze(): void;
}
