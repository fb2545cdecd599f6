import { html, nothing, type TemplateResult } from 'lit';
import { formWords } from './feed-action-form-words.ts';
import type { LanguageHost } from './language-controller.ts';
import { listed } from './sentences.ts';
import type { Words } from './words.ts';

/** A field for any number of names, each of which is a chip once it is written. */
export class AssigneeField {
  readonly #host: LanguageHost;
  readonly #suggestions: readonly string[];
  readonly #before: readonly string[];
  #names: readonly string[];
  #text = '';
  /** What was done last, to be read out. */
  #said = '';

  constructor(host: LanguageHost, names: readonly string[], suggestions: readonly string[]) {
    this.#host = host;
    this.#names = this.#before = names;
    this.#suggestions = suggestions;
  }

  /** Whether the names are others, or another is being written. */
  get isChanged(): boolean {
    return this.#names !== this.#before || this.#text !== '';
  }

  get #texts(): Words<(typeof formWords)['source']> {
    return this.#host.language.words(formWords);
  }

  /** The names, with the one that is being written. */
  take(): readonly string[] {
    this.#add();
    return this.#names;
  }

  render(isBusy: boolean): TemplateResult {
    const words = this.#texts;
    const left = this.#suggestions.filter((name) => !this.#names.includes(name));
    return html`<div>
      <label for="act-name">${words.assignees}</label>
      ${
        this.#names.length > 0
          ? html`<ul class="chips">
              ${this.#names.map(
                (name) =>
                  html`<li>
                    <bdi title=${name}>${name}</bdi>
                    <button
                      type="button"
                      aria-label=${words.remove({ name })}
                      ?disabled=${isBusy}
                      @click=${() => this.#remove(name)}
                    >
                      ×
                    </button>
                  </li>`,
              )}
            </ul>`
          : nothing
      }
      <div class="add">
        <input
          id="act-name"
          list="act-names"
          autocomplete="off"
          autocapitalize="words"
          enterkeyhint="enter"
          dir="auto"
          placeholder=${words.addName}
          aria-describedby="act-names-hint"
          ?readonly=${isBusy}
          .value=${this.#text}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        />
        <button type="button" ?disabled=${isBusy || !this.#text.trim()} @click=${this.#onAdd}>
          ${words.add}
        </button>
      </div>
      <datalist id="act-names">${left.map((name) => html`<option value=${name}></option>`)}</datalist>
      <p class="tip" id="act-names-hint">${words.assigneesHint}</p>
      <span class="hush" role="status">${this.#said}</span>
    </div>`;
  }

  #add(): void {
    const added = this.#text.split(/[,;\n]/).map((name) => name.trim());
    const names = [...new Set([...this.#names, ...added.filter(Boolean)])];
    if (names.length > this.#names.length)
      this.#said = this.#texts.added({
        name: listed(this.#host.language, ...names.slice(this.#names.length)),
      });
    this.#names = names;
    this.#text = '';
    this.#host.requestUpdate();
  }

  #remove(name: string): void {
    this.#names = this.#names.filter((each) => each !== name);
    this.#said = this.#texts.removed({ name });
    this.#host.requestUpdate();
    this.#focus();
  }

  #focus(): void {
    this.#host.renderRoot.querySelector<HTMLElement>('#act-name')?.focus();
  }

  #onAdd = () => {
    this.#add();
    this.#focus();
  };

  #onInput = (event: Event) => {
    const { value } = event.target as HTMLInputElement;
    this.#text = value;
    if (/[,;]/.test(value)) this.#add();
    this.#host.requestUpdate();
  };

  /** Enter adds what is written; with nothing written it is left to the form, which it sends. */
  #onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' && this.#text.trim()) {
      event.preventDefault();
      this.#add();
    } else if (event.key === 'Backspace' && this.#text === '' && this.#names.length > 0) {
      event.preventDefault();
      this.#remove(this.#names.at(-1) ?? '');
    }
  };
}
