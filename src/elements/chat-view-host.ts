import type { LitElement } from 'lit';
import type { Conversation, HybridClient } from '../client/types.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { OutgoingMessage, SendReceipt } from '../protocol/types.ts';

/** `bubble`: a launcher in a corner that opens a window. `panel`: a drawer at the side, opened by `open`. */
export type ChatDisplay = 'inline' | 'bubble' | 'panel' | 'page';

/** The corner of a bubble, the side of a panel. Logical: `end` is right in left-to-right pages. */
export type ChatPosition = 'bottom-end' | 'bottom-start';

/**
 * What the chat view may ask of the shell that loaded it. The shell keeps everything that must work before the view is
 * there (attributes, the client, sending, the draft, the launcher); the view draws the window.
 *
 * Every property is reactive on the host: a change re-renders the host, and with it the view. What a conversation or the
 * client tells by events, the view follows itself.
 */
export interface ChatViewHost extends LitElement {
  readonly heading: string;
  readonly placeholder: string;
  readonly suggestions: readonly string[];
  readonly display: ChatDisplay;
  readonly position: ChatPosition;
  /** Language for dates, as a BCP 47 tag: the element's, its provider's or the page's. */
  readonly language: string | undefined;
  /** Whether the window shows: always in `inline` and `page`, `open` in the others. */
  readonly shown: boolean;
  /** The unsent text of the composer; the view writes it on input, and the session keeps it with the conversation. */
  draft: string;
  /** `undefined` until the client is loaded, and while `problem` or `consentNeeded` says why. */
  readonly conversation: Conversation | undefined;
  readonly client: HybridClient | undefined;
  /** Why there is no conversation: attributes that cannot work, or code that could not be loaded. In words for people. */
  readonly problem: RealtimeError | undefined;
  /** The page has not been allowed to connect yet: nothing was requested or stored. */
  readonly consentNeeded: boolean;
  /** Closes the window (bubble and panel) and gives focus back. */
  hide(): void;
  /**
   * Sends what the visitor wrote: fires `xians-before-send`, then queues. Resolves with `undefined` when a listener of the
   * page cancelled it: keep the draft. Rejects with a `RealtimeError` for people to read: keep the draft, show it.
   */
  send(message: string | OutgoingMessage): Promise<SendReceipt | undefined>;
  /** Resolves with `false` when there is nothing to retry, or no way back. */
  retry(requestId: string): Promise<boolean>;
  discard(requestId: string): Promise<boolean>;
  /** Tries again what `problem` says could not be loaded (only when `problem.retryable`). */
  retryLoad(): void;
}

/**
 * What the shell asks of the view, a class `ChatView` with `static styles: CSSResultGroup`, made once per element by
 * `new ChatView(host)` and called inside the host's own `render()`. It adds itself to the host as a controller if it
 * wants the host's life cycle.
 *
 * The root of what it renders is the window: `id="window"`, which the launcher's `aria-controls` names. While
 * `host.shown` is false it stays rendered, `inert` and `visibility: hidden`, so that the scroll position is kept.
 */
export interface ChatViewPart {
  render(): unknown;
  /** Moves focus to where the visitor goes on: the composer. Called after the window was opened by the visitor or the page. */
  focus(): void;
}
