import { html, nothing, type TemplateResult } from 'lit';
import type { ActionReceipt } from '../client/incident-types.ts';
import type {
  Incident,
  IncidentAction,
  IncidentActionKind,
  IncidentCapabilities,
} from '../protocol/incident.ts';
import { severityRank } from '../protocol/incident-words.ts';
import { errorText } from './error-text.ts';
import { type FormKind, formWords } from './feed-action-form-words.ts';
import { METHODS, methodName } from './feed-names.ts';
import { AssigneeField } from './feed-action-names.ts';
import type { LanguageHost } from './language-controller.ts';
import { listed } from './sentences.ts';
import type { Words } from './words.ts';

export { actionFormStyles as styles } from './feed-action-form-styles.ts';

/** What a form needs from whoever shows it. */
export interface ActionFormPorts {
  /** Asks for the action. The form shows what this rejects with, and stays; when it resolves, it is for the caller to close it. */
  submit(action: IncidentAction): Promise<ActionReceipt>;
  /** The reader thinks better of it. The form is of no use after that. */
  cancel(): void;
  readonly capabilities: IncidentCapabilities;
  /** Names to suggest. */
  readonly assignees?: readonly string[];
}

type Field = 'severity' | 'reason' | 'method' | 'notes' | 'rootCause' | 'text';

/**
 * The form of one action on one incident, made anew each time that it is opened. `acknowledge` and `reopen` need none: they
 * show as an empty form with a button.
 */
export class ActionForm {
  readonly #host: LanguageHost;
  readonly #kind: IncidentActionKind;
  /** As it was when the form was opened. */
  readonly #incident: Incident;
  readonly #ports: ActionFormPorts;
  readonly #names: AssigneeField;
  readonly #values: Partial<Record<Field, string>> = {};
  /** The field that is not right, or none where the server said no, and why. */
  #wrong: { readonly field?: Field; readonly words: string } | undefined;
  #isBusy = false;
  /** Escape was pressed, and there was something to lose. */
  #isAsked = false;

  constructor(host: LanguageHost, kind: IncidentActionKind, incident: Incident, ports: ActionFormPorts) {
    this.#host = host;
    this.#kind = kind;
    this.#incident = incident;
    this.#ports = ports;
    this.#names = new AssigneeField(host, incident.assignees ?? [], ports.assignees ?? []);
    this.#values.method = 'manual';
    this.#values.severity = this.#nextSeverity();
  }

  /** Whether something was written that would be lost. */
  get hasDraft(): boolean {
    return this.#hasWritten || this.#names.isChanged;
  }

  get #texts(): Words<(typeof formWords)['source']> {
    return this.#host.language.words(formWords);
  }

  get #hasWritten(): boolean {
    return (['reason', 'notes', 'rootCause', 'text'] as const).some((name) => this.#values[name]?.trim());
  }

  /** Gives focus to the first field, or to the one that is not right. */
  focus(): void {
    const find = (selector: string) => this.#host.renderRoot.querySelector<HTMLElement>(`.act ${selector}`);
    const field = find('[aria-invalid="true"]') ?? find(':is(input, select, textarea)');
    (field ?? find('[type="submit"]'))?.focus();
  }

  /** `incident`: as it is now. The reader is told when it is not what it was when they began. */
  render(incident: Incident = this.#incident): TemplateResult {
    const words = this.#texts;
    const kind = this.#kind as FormKind;
    const title = words[`${kind}Title`] ?? kind;
    const submit = words[`${kind}Submit`] ?? kind;
    const busy = words[`${kind}Busy`] ?? kind;
    const wrong = this.#wrong && !this.#wrong.field ? this.#wrong.words : undefined;
    return html`<form
      class="act"
      part="action-form"
      novalidate
      aria-labelledby="act-title"
      aria-busy=${this.#isBusy}
      @submit=${this.#onSubmit}
      @keydown=${this.#onKey}
      @input=${this.#onInput}
    >
      <h3 id="act-title">${title}</h3>
      <p class="tip" role="status">${this.#changes(incident)}</p>
      ${this.#renderFields()}
      <p class="wrong" role="alert">${wrong ?? nothing}</p>
      <div class="ends">
        <button type="submit" part="submit" aria-disabled=${this.#isBusy}>
          ${this.#isBusy ? busy : submit}
        </button>
        <button type="button" part="cancel" @click=${this.#cancel}>${words.cancel}</button>
        <span class="tip" role="status"
          >${this.#isAsked ? words.sure : html`<span class="keys">${words.keys}</span>`}</span
        >
      </div>
    </form>`;
  }

  #renderFields(): unknown {
    const words = this.#texts;
    const { language } = this.#host;
    switch (this.#kind) {
      case 'assign':
        return this.#names.render(this.#isBusy);
      case 'escalate':
        return [this.#renderSeverity(), this.#renderText('reason', words.reason, true)];
      case 'resolve':
        return [
          this.#renderText('notes', words.notes, false),
          this.#renderText('rootCause', words.rootCause, false),
          this.#renderChoice(
            'method',
            words.method,
            METHODS.map((each) => [each, methodName(each, language)] as const),
          ),
        ];
      case 'comment':
        return this.#renderText('text', words.comment, true);
      default:
        return nothing;
    }
  }

  #renderSeverity(): TemplateResult {
    const words = this.#texts;
    const { severity } = this.#incident;
    const options = this.#ports.capabilities.severities.map(
      (each) => [each, each === severity ? words.current({ severity: each }) : each] as const,
    );
    const isOpen = this.#values.severity === '';
    return this.#renderChoice('severity', words.severity, [
      ...(isOpen ? ([['', words.chooseSeverity]] as const) : []),
      ...options,
    ]);
  }

  #renderChoice(
    name: Field,
    label: string,
    options: readonly (readonly [value: string, label: string])[],
  ): TemplateResult {
    const value = this.#values[name];
    return html`<div>
      <label for="act-${name}">${label}</label>
      <select
        id="act-${name}"
        name=${name}
        ?disabled=${this.#isBusy}
        aria-invalid=${this.#isWrong(name)}
        aria-describedby="act-${name}-wrong"
      >
        ${options.map(
          ([each, text]) => html`<option value=${each} .selected=${each === value}>${text}</option>`,
        )}
      </select>
      ${this.#renderWrong(name)}
    </div>`;
  }

  #renderText(name: Field, label: string, isNeeded: boolean): TemplateResult {
    return html`<div>
      <label for="act-${name}"
        >${label}${isNeeded ? nothing : html` <small>(${this.#texts.optional})</small>`}</label
      >
      <textarea
        id="act-${name}"
        name=${name}
        dir="auto"
        rows="3"
        ?readonly=${this.#isBusy}
        aria-required=${isNeeded}
        aria-invalid=${this.#isWrong(name)}
        aria-describedby="act-${name}-wrong"
        .value=${this.#values[name] ?? ''}
      ></textarea>
      ${this.#renderWrong(name)}
    </div>`;
  }

  #renderWrong(name: Field): TemplateResult {
    return html`<p class="wrong" id="act-${name}-wrong">
      ${this.#isWrong(name) ? this.#wrong?.words : nothing}
    </p>`;
  }

  #isWrong(name: Field): boolean {
    return this.#wrong?.field === name;
  }

  /** What of the incident is another than it was, as far as this action is about it. */
  #changes({ severity, assignees, phase }: Incident): string {
    const before = this.#incident;
    const words = this.#texts;
    const { language } = this.#host;
    const [now = '', then] = [assignees, before.assignees].map((names) => listed(language, ...(names ?? [])));
    const what = listed(
      language,
      severity !== before.severity && this.#kind === 'escalate' && words.nowSeverity({ severity }),
      now !== then && this.#kind === 'assign' && (now ? words.nowAssigned({ names: now }) : words.nowNobody),
      (phase === 'done') !== (before.phase === 'done') && (phase === 'done' ? words.nowDone : words.nowOpen),
    );
    return what && words.changed({ what });
  }

  /** One step up from what it has; `''` where there is none. */
  #nextSeverity(): string {
    const rank = severityRank(this.#incident.severity);
    return this.#ports.capabilities.severities.findLast((each) => severityRank(each) < rank) ?? '';
  }

  /** The action that the fields say; `undefined` while one is not right. */
  #read(): IncidentAction | undefined {
    const { id } = this.#incident;
    const words = this.#texts;
    const { severity = '', reason = '', method, notes = '', rootCause = '', text = '' } = this.#values;
    switch (this.#kind) {
      case 'assign':
        return { kind: 'assign', id, assignees: this.#names.take() };
      case 'escalate':
        if (!severity || severity === this.#incident.severity)
          return this.#fail('severity', words.needsSeverity);
        if (!reason.trim()) return this.#fail('reason', words.needsReason);
        return { kind: 'escalate', id, severity, reason };
      case 'resolve': {
        const known = METHODS.find((each) => each === method);
        return {
          kind: 'resolve',
          id,
          method: known ?? 'manual',
          notes,
          ...(rootCause.trim() && { rootCause }),
        };
      }
      case 'comment':
        return text.trim() ? { kind: 'comment', id, text } : this.#fail('text', words.needsComment);
      default:
        return { kind: this.#kind, id };
    }
  }

  #fail(field: Field | undefined, reason: string): undefined {
    this.#wrong = { ...(field && { field }), words: reason };
    this.#host.requestUpdate();
    if (field) void this.#host.updateComplete.then(() => this.focus());
  }

  #onSubmit = (event: Event) => {
    event.preventDefault();
    void this.#submit();
  };

  async #submit(): Promise<void> {
    if (this.#isBusy) return;
    this.#wrong = undefined;
    const action = this.#read();
    if (!action) return;
    this.#isBusy = true;
    this.#isAsked = false;
    this.#host.requestUpdate();
    try {
      await this.#ports.submit(action);
    } catch (reason) {
      this.#fail(undefined, errorText(reason, this.#host.language));
    } finally {
      this.#isBusy = false;
      this.#host.requestUpdate();
    }
  }

  #onInput = ({ target }: Event) => {
    const { name, value } = target as HTMLInputElement;
    if (name) this.#values[name as Field] = value;
    this.#isAsked = false;
    if (this.#isWrong(name as Field)) this.#wrong = undefined;
    this.#host.requestUpdate();
  };

  #onKey = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, isComposing } = event;
    if (isComposing) return;
    if (key === 'Enter' && (ctrlKey || metaKey)) {
      event.preventDefault();
      void this.#submit();
    } else if (key === 'Escape') {
      event.preventDefault();
      if (this.#isAsked || !this.#hasWritten) return this.#cancel();
      this.#isAsked = true;
      this.#host.requestUpdate();
    }
  };

  #cancel = () => this.#ports.cancel();
}
