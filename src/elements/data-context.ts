import type { CSSResult } from 'lit';
import type { Message } from '../protocol/types.ts';
import type { ChatAction } from './chat-events.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import type { Fields } from './data-values.ts';
import type { Language } from './language.ts';

/** What a kind of Data message is drawn from, and what it can do. */
export interface DataContext {
  readonly host: ChatViewHost;
  readonly language: Language;
  readonly message: Message;
  readonly data: Fields;
  /** What the visitor has written since, oldest first. Whoever asks is drawn anew when that changes. */
  readonly replies: readonly Message[];
  /** Whether nothing came after it; likewise. */
  readonly isLatest: boolean;
  /** The same thing every time, for as long as the chat shows the message: what `make` gave at first. */
  keep<State>(make: () => State): State;
  /** Draws the message anew. */
  update(): void;
  /**
   * Fires `xians-action`, then does what `action` says. Resolves with whether something was sent; rejects with a
   * `RealtimeError` for people to read.
   */
  act(action: ChatAction): Promise<boolean>;
}

/** A chunk that draws some of the kinds. `draw` gives `undefined` for data that do not have the shape of `kind`. */
export interface DataPart {
  readonly styles: CSSResult;
  draw(kind: string, context: DataContext): unknown;
}

/** What `renderData` needs beside the message. */
export interface DataPorts {
  readonly host: ChatViewHost;
}
