import type { Message } from '../protocol/types.ts';
import { OUTWARD } from './events.ts';

// Events of what only some conversations have; loaded with the parts that fire them.

/** What a button of a Data message does: it sends a text, sends data, or opens a link. */
export interface ChatAction {
  /** What stands on the button. */
  readonly label: string;
  /** Sent as the visitor's words. */
  readonly text?: string;
  /** Sent to the agent; beside `text`, or as a Data message. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Opened in a new tab. */
  readonly url?: string;
}

/** A button, form or decision of a Data message is about to do its work. Cancel the event to do something else instead. */
export class XiansActionEvent extends Event {
  readonly action: ChatAction;
  /** The message that the button stands in. */
  readonly message: Message;

  constructor(action: ChatAction, message: Message) {
    super('xians-action', { ...OUTWARD, cancelable: true });
    this.action = action;
    this.message = message;
  }
}

/**
 * The visitor rated a reply, or added a reason or a comment to a rating; of several events about one message the last one
 * counts. It is the page's to keep: visitors have no way to the feedback of a Xians server.
 */
export class XiansFeedbackEvent extends Event {
  /** The last message of the reply. */
  readonly message: Message;
  /** 1 to 5; thumbs are 5 and 1. The server's word for it is `starRating`. */
  readonly rating: number;
  /** One of the server's categories (`reasonCategory`), such as `ResponseTooGeneric`. */
  readonly reason: string | undefined;
  /** What the visitor wrote. Up to 2,000 characters. */
  readonly comment: string | undefined;

  constructor(said: {
    message: Message;
    rating: number;
    reason?: string | undefined;
    comment?: string | undefined;
  }) {
    super('xians-feedback', OUTWARD);
    this.message = said.message;
    this.rating = said.rating;
    this.reason = said.reason;
    this.comment = said.comment || undefined;
  }
}

/**
 * A visitor has filled in what is asked before the chat. Unless the event is canceled, `values` go to the agent with the
 * first message, as `data.visitor`.
 */
export class XiansPreChatEvent extends Event {
  /** `name`, `email`, `phone` and `company`, as far as they were filled in. */
  readonly values: Readonly<Record<string, string>>;
  /** The text that the visitor agreed to; `undefined` where there was none. */
  readonly agreedTo: string | undefined;

  constructor(values: Readonly<Record<string, string>>, agreedTo?: string) {
    super('xians-pre-chat', { ...OUTWARD, cancelable: true });
    this.values = values;
    this.agreedTo = agreedTo;
  }
}

/** The visitor went to another topic of the conversation. The element's `topic` is that already. */
export class XiansTopicChangedEvent extends Event {
  /** `undefined`: the default topic. */
  readonly topic: string | undefined;
  readonly previous: string | undefined;

  constructor(topic: string | undefined, previous: string | undefined) {
    super('xians-topic-changed', OUTWARD);
    this.topic = topic;
    this.previous = previous;
  }
}

declare global {
  interface HTMLElementEventMap {
    'xians-pre-chat': XiansPreChatEvent;
    'xians-feedback': XiansFeedbackEvent;
    'xians-action': XiansActionEvent;
    'xians-topic-changed': XiansTopicChangedEvent;
  }
}
