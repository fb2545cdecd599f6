import type { LitElement } from 'lit';
import type { Conversation, HybridClient } from '../client/types.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import type { Message, OutgoingMessage, SendReceipt } from '../protocol/types.ts';
import type { Language, OwnWords } from './language.ts';

/** `bubble`: a launcher in a corner that opens a window. `panel`: a drawer at the side, opened by `open`. */
export type ChatDisplay = 'inline' | 'bubble' | 'panel' | 'page';

/** The corner of a bubble, the side of a panel. Logical: `end` is right in left-to-right pages. */
export type ChatPosition = 'bottom-end' | 'bottom-start';

/**
 * What a page may switch on or say otherwise, as it stands in the attributes of the same names in kebab case: whoever it
 * concerns reads it when it is needed. Absent: not wanted, or the default.
 */
export interface ChatOptions {
  /** Texts in the page's own words, by key: `{"chat.send":"Off it goes"}`; as an attribute JSON. */
  readonly strings?: string | OwnWords | undefined;
  /** Origins whose images are shown in messages, separated by commas. Images of others stay a link. */
  readonly imageOrigins?: string | undefined;
  /** Which files may be sent, as the `accept` of a file field says it; empty: any. Absent: none. */
  readonly attachments?: string | undefined;
  /** How replies are rated: `thumbs` or `stars`. Absent: not at all. */
  readonly feedback?: string | undefined;
  /** Who answers, in place of the workflow's name. */
  readonly agentName?: string | undefined;
  /** Address of the picture of who answers. */
  readonly agentAvatar?: string | undefined;
  /** What visitors may see of a step of the agent's work; `undefined` hides it. Only a property. Default: all of it. */
  readonly redactStep?: ((step: Message) => Message | undefined) | undefined;
  /** What the menu offers: `search topics export print sound notifications delete`. Absent: `search export print`. */
  readonly tools?: string | undefined;
  /** CSS selector of the page's own buttons that open and close the window; in place of the floating one. */
  readonly launcher?: string | undefined;
  /** Whether the newest message shows beside the closed floating button. */
  readonly preview?: boolean | undefined;
  /** How a visitor who looks elsewhere may be told of replies: `title sound desktop`. */
  readonly notify?: string | undefined;
  /** Whether a window that was open is open again on the next page. */
  readonly rememberOpen?: boolean | undefined;
  /** Whether the visitor may change the size of a bubble's or panel's window. */
  readonly resizable?: boolean | undefined;
  /** What to ask before the first message: `name email`, with `*` after what is required. */
  readonly preChat?: string | undefined;
  /** What the visitor agrees to there. Absent: nothing to agree to. */
  readonly preChatText?: string | undefined;
  /** When somebody answers: `Mo-Fr 09:00-17:00 Europe/Berlin`. Absent: always. */
  readonly hours?: string | undefined;
  /** What is said outside of these hours. */
  readonly awayText?: string | undefined;
}

/**
 * What the chat view may ask of the shell that loaded it. The shell keeps everything that must work before the view is
 * there (attributes, the client, sending, the draft, the launcher); the view draws the window.
 *
 * Every property is reactive on the host: a change re-renders the host, and with it the view. What a conversation or the
 * client tells by events, the view follows itself.
 */
export interface ChatViewHost extends LitElement, ChatOptions {
  /** Default: the view's own word. */
  readonly heading: string | undefined;
  /** Default: the view's own words. */
  readonly placeholder: string | undefined;
  readonly suggestions: readonly string[];
  readonly display: ChatDisplay;
  readonly position: ChatPosition;
  /** Topic inside the conversation; absent: the default one. The view sets it when the visitor chooses another one. */
  topic: string | undefined;
  /** What the view speaks. Another one is another object. */
  language: Language;
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
