import { html, type TemplateResult } from 'lit';
import { addStyles } from './add-styles.ts';
import type * as citations from './chat-citations.ts';
import type { ChatViewHost } from './chat-view-host.ts';
import { originsOf } from './image-origins.ts';
import { LazyPart } from './lazy-part.ts';
import { extras, type MarkdownPorts } from './markdown-ports.ts';
import { renderMarkdown } from './markdown-blocks.ts';
import { same } from './same.ts';

/** What a formula begins with. */
const MATHS = /\$|\\[([]/;

/** Draws what a message says, with the sources that its data names. */
export type RenderText = (text: string, data?: unknown) => TemplateResult;

/** The messages of one chat, drawn as Markdown. */
export class RichText {
  readonly #host: ChatViewHost;
  readonly #copy: MarkdownPorts['copy'];
  readonly #citations = new LazyPart<typeof citations>(
    () => import('./chat-citations.ts'),
    ({ styles }) => {
      addStyles(this.#host, styles);
      this.#host.requestUpdate();
    },
  );
  /** Wanted here for formulas only: everything else of it fills itself in. */
  readonly #extras = new LazyPart(extras, () => this.#host.requestUpdate());
  #from: readonly unknown[] = [];
  #render: RenderText | undefined;

  constructor(host: ChatViewHost, copy: MarkdownPorts['copy']) {
    this.#host = host;
    this.#copy = copy;
  }

  /** Another function whenever texts would look different. */
  get render(): RenderText {
    const { language, imageOrigins } = this.#host;
    const from = [language, imageOrigins, this.#citations.value, this.#extras.value];
    if (!this.#render || !same(from, this.#from)) {
      this.#from = from;
      const maths = this.#extras.value?.maths;
      const ports = { language, copy: this.#copy, imageOrigins: originsOf(imageOrigins), maths };
      this.#render = (text, data) => this.#draw(text, data, ports);
    }
    return this.#render;
  }

  /** Stops trying to fetch what is missing, until it is wanted again. */
  rest(): void {
    this.#citations.rest();
    this.#extras.rest();
  }

  #draw(text: string, data: unknown, ports: MarkdownPorts): TemplateResult {
    if (hasSources(data)) this.#citations.want();
    if (MATHS.test(text)) this.#extras.want();
    const part = this.#citations.value;
    const sources = part?.citationsOf({ data }) ?? [];
    const { language } = ports;
    const rich = renderMarkdown(text, {
      ...ports,
      cite: sources.length > 0 ? (mark) => part?.renderMark(mark, sources, language) : undefined,
    });
    return html`${rich ? html`<div class="rich">${rich}</div>` : html`<div class="plain">${text}</div>`}${part?.renderCitations(sources, language)}`;
  }
}

function hasSources(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return ['citations', 'sources'].some((name) => Array.isArray((data as Record<string, unknown>)[name]));
}
