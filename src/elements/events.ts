import type { ConnectionState, ConnectionStatus, HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { OutgoingMessage } from '../protocol/types.ts';

/**
 * How every event of the elements travels: through shadow roots, up to the document.
 * @internal
 */
export const OUTWARD = { bubbles: true, composed: true } as const;

/** The connection's state changed. */
export class XiansStateChangedEvent extends Event {
  readonly from: ConnectionState;
  readonly to: ConnectionState;
  readonly status: ConnectionStatus;

  constructor(from: ConnectionState, status: ConnectionStatus) {
    super('xians-state-changed', OUTWARD);
    this.from = from;
    this.to = status.state;
    this.status = status;
  }
}

/** Something failed and no call of the page reports it. */
export class XiansErrorEvent extends Event {
  readonly error: RealtimeError;

  constructor(error: RealtimeError) {
    super('xians-error', OUTWARD);
    this.error = error;
  }
}

/** Another number of messages of agents has not been seen; in every tab of the site. */
export class XiansUnreadChangedEvent extends Event {
  readonly unread: number;

  constructor(unread: number) {
    super('xians-unread-changed', OUTWARD);
    this.unread = unread;
  }
}

/** A message is about to be queued. A listener may replace `message`, or cancel the event to keep it from being sent. */
export class XiansBeforeSendEvent extends Event {
  message: OutgoingMessage;

  constructor(message: OutgoingMessage) {
    super('xians-before-send', { ...OUTWARD, cancelable: true });
    this.message = message;
  }
}

/** The window of a bubble or panel opened. */
export class XiansOpenedEvent extends Event {
  constructor() {
    super('xians-opened', OUTWARD);
  }
}

/** The window of a bubble or panel closed. */
export class XiansClosedEvent extends Event {
  constructor() {
    super('xians-closed', OUTWARD);
  }
}

/**
 * Fires the client's changes of state, unread messages and unreported failures on `target`, until the undo runs.
 * @internal
 */
export function forwardClientEvents(client: HybridClient, target: EventTarget): Undo {
  const undos = [
    client.on('state', ({ status, previous }) =>
      target.dispatchEvent(new XiansStateChangedEvent(previous.state, status)),
    ),
    client.on('unread', (unread) => target.dispatchEvent(new XiansUnreadChangedEvent(unread))),
    client.on('error', (error) => target.dispatchEvent(new XiansErrorEvent(error))),
  ];
  return () => undos.forEach((undo) => undo());
}

declare global {
  interface HTMLElementEventMap {
    'xians-state-changed': XiansStateChangedEvent;
    'xians-error': XiansErrorEvent;
    'xians-unread-changed': XiansUnreadChangedEvent;
    'xians-before-send': XiansBeforeSendEvent;
    'xians-opened': XiansOpenedEvent;
    'xians-closed': XiansClosedEvent;
  }
}
