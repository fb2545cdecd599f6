import type { Message, OutgoingMessage } from '../protocol/types.ts';
import { OUTWARD } from './events.ts';

// Apart from the other events, since they are needed only once a conversation is loaded.

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

declare global {
  interface HTMLElementEventMap {
    'xians-before-send': XiansBeforeSendEvent;
    'xians-message-queued': XiansMessageQueuedEvent;
    'xians-message-sent': XiansMessageSentEvent;
    'xians-message-failed': XiansMessageFailedEvent;
    'xians-message-received': XiansMessageReceivedEvent;
    'xians-handoff': XiansHandoffEvent;
  }
}
