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

declare global {
  interface HTMLElementEventMap {
    'xians-action': XiansActionEvent;
  }
}
