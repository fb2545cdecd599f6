import type { ConnectionState, ConnectionStatus, HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { Message, OutgoingMessage } from '../protocol/types.ts';

const OUTWARD = { bubbles: true, composed: true } as const;

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

/** A message is about to be queued. A listener may replace `message`, or cancel the event to keep it from being sent. */
export class XiansBeforeSendEvent extends Event {
  message: OutgoingMessage;

  constructor(message: OutgoingMessage) {
    super('xians-before-send', { ...OUTWARD, cancelable: true });
    this.message = message;
  }
}

/** What the four events about one message have in common. */
class XiansMessageEvent extends Event {
  readonly message: Message;

  constructor(type: string, message: Message) {
    super(type, OUTWARD);
    this.message = message;
  }
}

/** A message of the visitor is in the queue. */
export class XiansMessageQueuedEvent extends XiansMessageEvent {
  constructor(message: Message) {
    super('xians-message-queued', message);
  }
}

/** The server has a message of the visitor. */
export class XiansMessageSentEvent extends XiansMessageEvent {
  constructor(message: Message) {
    super('xians-message-sent', message);
  }
}

/** A message of the visitor will not be sent unless it is retried; `message.delivery.reason` says why. */
export class XiansMessageFailedEvent extends XiansMessageEvent {
  constructor(message: Message) {
    super('xians-message-failed', message);
  }
}

/** A message arrived that was not known before. */
export class XiansMessageReceivedEvent extends XiansMessageEvent {
  constructor(message: Message) {
    super('xians-message-received', message);
  }
}

/** Another workflow took over the conversation. */
export class XiansHandoffEvent extends Event {
  readonly message: Message;
  /** `Agent:Flow` that handed over, where known. */
  readonly from: string | undefined;
  /** `Agent:Flow` that answers from now on. */
  readonly to: string;

  constructor(handoff: { message: Message; from: string | undefined; to: string }) {
    super('xians-handoff', OUTWARD);
    this.message = handoff.message;
    this.from = handoff.from;
    this.to = handoff.to;
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

/** Fires the client's changes of state and unreported failures on `target`, until the undo runs. */
export function forwardClientEvents(client: HybridClient, target: EventTarget): Undo {
  const undos = [
    client.on('state', ({ status, previous }) =>
      target.dispatchEvent(new XiansStateChangedEvent(previous.state, status)),
    ),
    client.on('error', (error) => target.dispatchEvent(new XiansErrorEvent(error))),
  ];
  return () => undos.forEach((undo) => undo());
}

declare global {
  interface HTMLElementEventMap {
    'xians-state-changed': XiansStateChangedEvent;
    'xians-error': XiansErrorEvent;
    'xians-before-send': XiansBeforeSendEvent;
    'xians-message-queued': XiansMessageQueuedEvent;
    'xians-message-sent': XiansMessageSentEvent;
    'xians-message-failed': XiansMessageFailedEvent;
    'xians-message-received': XiansMessageReceivedEvent;
    'xians-handoff': XiansHandoffEvent;
    'xians-opened': XiansOpenedEvent;
    'xians-closed': XiansClosedEvent;
  }
}
