import type { Undo } from '../protocol/emitter.ts';
import type { Message, OutgoingMessage } from '../protocol/types.ts';

/** What a renderer may know and do beside its data. */
export interface RendererContext {
  readonly message: Message;
  /** BCP 47 tag to format dates and numbers by; `undefined` is the browser's own. */
  readonly locale: string | undefined;
  /** The chat that shows the message. */
  readonly host: HTMLElement;
  /** Whether the visitor has written since: what asks for an answer has it, then. Drawn anew when that changes. */
  readonly answered: boolean;
  /** Sends as the visitor. Resolves with `undefined` when a listener of `xians-before-send` cancelled it. */
  send(message: string | OutgoingMessage): Promise<unknown>;
  /** Puts a text into the field, for the visitor to send. */
  prefill(text: string): void;
}

/**
 * Draws a Data message: gives a Lit template, a node, or a text, or a promise of one. Nothing (`undefined`, `null`, `''`)
 * means the default. What it throws is told by `xians-error`, and the data are shown as they are.
 */
export type MessageRenderer = (data: Readonly<Record<string, unknown>>, context: RendererContext) => unknown;

interface Registry {
  readonly renderers: Map<string, MessageRenderer>;
  readonly listeners: Set<() => void>;
}

/** One registry a page, whichever copy of the library draws. */
const KEY = Symbol.for('xians-widgets-renderers');

/**
 * Has Data messages of `type` drawn by `renderer` in every chat of the page, those that show already too. The type of a
 * message is its `data.type`, else `data.kind`, else `data.$type`; upper case, `_`, `-` and spaces make no difference.
 * A second renderer for a type takes the place of the first. The undo takes this one back.
 */
export function registerRenderer(type: string, renderer: MessageRenderer): Undo {
  const { renderers } = registry();
  const name = typeName(type);
  renderers.set(name, renderer);
  tell();
  return () => {
    if (renderers.get(name) !== renderer) return;
    renderers.delete(name);
    tell();
  };
}

/**
 * The renderer for a {@link typeName}.
 * @internal
 */
export function rendererFor(name: string): MessageRenderer | undefined {
  return registry().renderers.get(name);
}

/**
 * Calls `listener` after every change of the registry.
 * @internal
 */
export function onRenderersChange(listener: () => void): Undo {
  const { listeners } = registry();
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * A type as types are compared: `Order_Card` and `order-card` are the same.
 * @internal
 */
export function typeName(type: string): string {
  return type.toLowerCase().replace(/[\s_-]+/g, '');
}

function registry(): Registry {
  const page = globalThis as { [KEY]?: Registry };
  return (page[KEY] ??= { renderers: new Map(), listeners: new Set() });
}

function tell(): void {
  for (const listener of [...registry().listeners]) listener();
}
