import type { Message } from '../protocol/types.ts';
import { OUTWARD } from './events.ts';

// Apart from the other events, since they are needed only once a conversation is loaded.

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

declare global {
  interface HTMLElementEventMap {
    'xians-message-queued': XiansMessageQueuedEvent;
    'xians-message-sent': XiansMessageSentEvent;
    'xians-message-failed': XiansMessageFailedEvent;
    'xians-message-received': XiansMessageReceivedEvent;
    'xians-handoff': XiansHandoffEvent;
  }
}
