/** What we use of highlight.js, in its build of ES modules, which comes without types. */

/** A grammar, as the engine takes it. */
type HighlightGrammar = (engine: HighlightEngine) => unknown;

/** Is given the tokens of a code, in order; what is between opening and closing is inside. */
interface HighlightEmitter {
  addText(text: string): void;
  openNode(scope: string): void;
  closeNode(): void;
  startScope(scope: string): void;
  endScope(): void;
  __addSublanguage(emitter: HighlightEmitter, name: string): void;
  finalize(): void;
  toHTML(): string;
}

interface HighlightEngine {
  newInstance(): HighlightEngine;
  configure(options: { readonly __emitter: new () => HighlightEmitter }): void;
  getLanguage(name: string): unknown;
  registerLanguage(name: string, grammar: HighlightGrammar): void;
  highlight(
    code: string,
    options: { readonly language: string; readonly ignoreIllegals?: boolean },
  ): { readonly errorRaised?: Error; readonly _emitter: HighlightEmitter };
}

declare module '@highlightjs/cdn-assets/es/core.min.js' {
  const engine: HighlightEngine;
  export default engine;
}

declare module '@highlightjs/cdn-assets/es/languages/*.min.js' {
  const grammar: HighlightGrammar;
  export default grammar;
}
