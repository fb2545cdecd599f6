import { css } from 'lit';
import { grammarOf } from './code-grammars.ts';
import type { Filling } from './lazy-fill.ts';

/** A grammar that takes longer for one block, in milliseconds, was led astray. */
const MAX_TIME_MS = 150;

/** Kinds of tokens that have a colour, by the first word of what grammars call them. */
const KINDS: Readonly<Record<string, string>> = {
  keyword: 'keyword',
  built_in: 'name',
  type: 'name',
  class: 'name',
  title: 'title',
  function: 'title',
  section: 'title',
  literal: 'number',
  number: 'number',
  symbol: 'number',
  bullet: 'number',
  link: 'string',
  string: 'string',
  regexp: 'string',
  quote: 'comment',
  comment: 'comment',
  doctag: 'keyword',
  meta: 'meta',
  tag: 'meta',
  name: 'keyword',
  attr: 'attribute',
  attribute: 'attribute',
  property: 'attribute',
  variable: 'attribute',
  template: 'attribute',
  selector: 'title',
  addition: 'addition',
  deletion: 'deletion',
};

let loading: Promise<HighlightEngine> | undefined;

/**
 * `code` in spans with classes, one for each coloured token. `undefined` where the language is unknown, or its grammar
 * throws or takes too long. Rejects when engine or grammar cannot be fetched.
 */
export async function highlight(code: string, name: string): Promise<Filling | undefined> {
  const grammar = grammarOf(name);
  if (!grammar) return undefined;
  const [engine, ...loaded] = await Promise.all([
    loadEngine(),
    ...grammar.parts.map(async (part) => [part, (await grammar.load(part)).default] as const),
  ]);
  for (const [part, define] of loaded) {
    if (!engine.getLanguage(part)) engine.registerLanguage(part, define);
  }
  const [language] = grammar.parts;
  if (!language) return undefined;
  const { errorRaised, _emitter } = engine.highlight(code, { language, ignoreIllegals: true });
  return errorRaised || !(_emitter instanceof Spans) ? undefined : { content: _emitter.root, styles };
}

function loadEngine(): Promise<HighlightEngine> {
  loading ??= import('@highlightjs/cdn-assets/es/core.min.js').then(
    ({ default: highlightJs }) => {
      const engine = highlightJs.newInstance();
      engine.configure({ __emitter: Spans });
      return engine;
    },
    (reason: unknown) => {
      loading = undefined; // the next block asks again
      throw reason;
    },
  );
  return loading;
}

/** Takes the tokens from the engine and makes elements of them, never markup. */
class Spans implements HighlightEmitter {
  readonly root = document.createDocumentFragment();
  #open: (DocumentFragment | HTMLElement)[] = [this.root];
  readonly #deadline = performance.now() + MAX_TIME_MS;

  addText(text: string): void {
    this.#check();
    if (text) this.#current.append(text);
  }

  openNode(scope: string): void {
    this.#check();
    const kind = KINDS[/^[a-z_]+/.exec(scope)?.[0] ?? ''];
    // What has no colour of its own is not worth an element.
    if (!kind) return void this.#open.push(this.#current);
    const span = document.createElement('span');
    span.className = `t-${kind}`;
    this.#current.append(span);
    this.#open.push(span);
  }

  closeNode(): void {
    if (this.#open.length > 1) this.#open.pop();
  }

  startScope(scope: string): void {
    this.openNode(scope);
  }

  endScope(): void {
    this.closeNode();
  }

  __addSublanguage(emitter: HighlightEmitter): void {
    if (emitter instanceof Spans) this.#current.append(emitter.root);
  }

  finalize(): void {
    this.#open = [this.root];
  }

  /** Asked for by the engine, and of no use here. */
  toHTML(): string {
    return '';
  }

  get #current(): DocumentFragment | HTMLElement {
    return this.#open.at(-1) ?? this.root;
  }

  #check(): void {
    if (performance.now() > this.#deadline) throw new Error('takes too long');
  }
}

/** Every colour has a contrast of at least 4.5 on the background of code, in light and in dark. */
const styles = css`
  .t-keyword {
    color: var(--xians-code-keyword-color, light-dark(#8b2fa8, #d8a2f5));
  }

  .t-name {
    color: var(--xians-code-name-color, light-dark(#8a5300, #f0c674));
  }

  .t-title {
    color: var(--xians-code-title-color, light-dark(#1f5fbf, #8ab8ff));
  }

  .t-number {
    color: var(--xians-code-number-color, light-dark(#a3400b, #f5a97f));
  }

  .t-string {
    color: var(--xians-code-string-color, light-dark(#1d6f42, #9bd68a));
  }

  .t-comment {
    color: var(--xians-code-comment-color, light-dark(#636977, #979eae));
    font-style: italic;
  }

  .t-meta {
    color: var(--xians-code-meta-color, light-dark(#5c6370, #a5adbd));
  }

  .t-attribute {
    color: var(--xians-code-attribute-color, light-dark(#0b6b74, #7fd4dc));
  }

  .t-addition {
    background: light-dark(#dcf5e4, #163d28);
    color: light-dark(#14613a, #9be3b5);
  }

  .t-deletion {
    background: light-dark(#fde4e2, #4a1d1d);
    color: light-dark(#9c1f1a, #ffb3ac);
  }

  @media (forced-colors: active) {
    [class^='t-'] {
      background: none;
      color: inherit;
    }
  }
`;
