import { html, nothing, type TemplateResult } from 'lit';
import { actionsState, renderError, run, type ActionsState } from './data-actions.ts';
import type { DataContext } from './data-context.ts';
import { problemWith } from './data-form-check.ts';
import { drawField } from './data-form-field.ts';
import { fieldsOf, valueOf, type Entry, type Field } from './data-form-shape.ts';
import { formWords } from './data-form-words.ts';
import { isFields, pick, pickText, plainText } from './data-values.ts';
import { icon } from './icons.ts';
import type { Language } from './language.ts';

export { dataFormStyles as styles } from './data-form-styles.ts';

/** What a form remembers: what was entered stays for as long as the chat shows the message. */
interface State extends ActionsState {
  /** Begins the ids of its controls. */
  readonly id: string;
  of: unknown;
  fields: readonly Field[];
  readonly entries: Map<string, Entry>;
  readonly problems: Map<string, string>;
}

let forms = 0;

/**
 * `{ id?, title?, description?, submit?, schema }`: questions by a JSON Schema. What is entered goes as a Data message
 * `{ type: 'form_submit', form: id, values }` with a summary as its text, found again after a reload; `submitType` names
 * another type, and `id` is that of the request where the data have none.
 */
export function draw(_kind: string, context: DataContext): unknown {
  const { data, language, message } = context;
  const state = context.keep((): State => ({
    ...actionsState(),
    id: `form-${++forms}`,
    of: undefined,
    fields: [],
    entries: new Map(),
    problems: new Map(),
  }));
  if (state.of !== data) Object.assign(state, { of: data, fields: fieldsOf(data) });
  if (state.fields.length === 0) return undefined;
  const words = language.words(formWords);
  const id = pickText(data, 'id', 'formId') ?? message.requestId ?? message.id;
  const answer = context.replies.findLast(
    (reply) => isFields(reply.data) && plainText(reply.data['form']) === id,
  );
  const title = pickText(data, 'title');
  const description = pickText(data, 'description');
  const head = html`${title ? html`<div class="card-title" dir="auto">${title}</div>` : nothing}`;
  if (answer && isFields(answer.data)) {
    const values = pick(answer.data, 'values');
    return html`<div class="data-form" part="form">
      ${head}${drawValues(state.fields, isFields(values) ? values : {}, language)}
      <p class="form-sent" tabindex="-1">${icon('check')}<span>${words.sent}</span></p>
    </div>`;
  }
  return html`<form
    class="data-form"
    part="form"
    novalidate
    aria-label=${title ?? words.form}
    @submit=${(event: Event) => {
      event.preventDefault();
      void submit(id, title, state, context);
    }}
  >
    ${head}${description ? html`<div class="plain" dir="auto">${description}</div>` : nothing}
    ${drawProblems(state, context)}
    ${state.fields.map((field, index) =>
      drawField({
        field,
        id: `${state.id}-${index}`,
        entry: entryOf(state, field),
        problem: state.problems.get(field.name),
        language,
        enter: (entry) => enter(field, entry, state, context),
      }),
    )}
    <button type="submit" class="form-submit" part="action" dir="auto" aria-disabled=${state.sending}>
      ${pickText(data, 'submit', 'submitLabel') ?? words.submit}
    </button>
    ${renderError(state.error)}
  </form>`;
}

function drawProblems({ id, fields, problems }: State, { host, language }: DataContext): unknown {
  const wrong = fields.flatMap((field, index) => {
    const problem = problems.get(field.name);
    return problem === undefined ? [] : [{ field, problem, control: `${id}-${index}` }];
  });
  if (wrong.length < 2) return nothing;
  return html`<div class="form-problems" role="alert">
    ${language.words(formWords).check({ count: wrong.length })}
    <ul>
      ${wrong.map(
        ({ field, control }) =>
          html`<li>
            <button type="button" class="data-link" dir="auto" @click=${() => focusControl(host, control)}>
              ${field.label}
            </button>
          </li>`,
      )}
    </ul>
  </div>`;
}

function drawValues(
  fields: readonly Field[],
  values: Readonly<Record<string, unknown>>,
  language: Language,
): TemplateResult {
  return html`<dl class="fields">
    ${fields.map((field) => {
      const value = pick(values, field.name);
      return value === undefined
        ? nothing
        : html`<dt dir="auto">${field.label}</dt>
            <dd dir="auto">${shown(field, value, language)}</dd>`;
    })}
  </dl>`;
}

/** A value as people read it: options by their names, dates by the customs of the language. */
function shown({ kind, options }: Field, value: unknown, language: Language): string {
  const words = language.words(formWords);
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  const name = (one: unknown) => options.find((option) => option.value === one)?.label ?? plainText(one);
  if (Array.isArray(value))
    return new Intl.ListFormat(language.tag, { type: 'unit' }).format(value.map(name));
  const at = kind === 'date' && typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(at))
    return typeof value === 'number' && !options.length ? language.number(value) : name(value);
  return new Intl.DateTimeFormat(language.tag, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
}

function enter(field: Field, entry: Entry, state: State, context: DataContext): void {
  state.entries.set(field.name, entry);
  // What was wrong is right as soon as it is; what was not yet wrong is not until it is sent.
  if (!state.problems.has(field.name)) return context.update();
  const problem = problemWith(field, entry, context.language);
  if (problem === undefined) state.problems.delete(field.name);
  else state.problems.set(field.name, problem);
  context.update();
}

async function submit(
  id: string,
  title: string | undefined,
  state: State,
  context: DataContext,
): Promise<void> {
  const { data, host, language } = context;
  state.problems.clear();
  state.fields.forEach((field) => {
    const problem = problemWith(field, entryOf(state, field), language);
    if (problem !== undefined) state.problems.set(field.name, problem);
  });
  context.update();
  const first = state.fields.findIndex(({ name }) => state.problems.has(name));
  if (first >= 0) return focusControl(host, `${state.id}-${first}`);
  const given = state.fields.flatMap((field): [Field, unknown][] => {
    const value = valueOf(field, entryOf(state, field));
    return value === undefined ? [] : [[field, value]];
  });
  const words = language.words(formWords);
  const lines = given.map(([field, value]) =>
    words.line({ label: field.label, value: shown(field, value, language) }),
  );
  const sent = await run(
    {
      label: [title, ...lines].filter(Boolean).join('\n'),
      data: {
        type: pickText(data, 'submitType') ?? 'form_submit',
        form: id,
        values: Object.fromEntries(given.map(([{ name }, value]) => [name, value])),
      },
    },
    state,
    context,
  );
  if (sent) host.renderRoot.querySelector<HTMLElement>(`${rowOf(context)} .form-sent`)?.focus();
}

function entryOf({ entries }: State, field: Field): Entry {
  return entries.get(field.name) ?? field.initial;
}

function rowOf({ message }: DataContext): string {
  return `[data-message="${CSS.escape(message.id)}"]`;
}

function focusControl({ renderRoot }: DataContext['host'], id: string): void {
  const control = renderRoot.querySelector<HTMLElement>(`#${id}`);
  (control?.matches('fieldset') ? control.querySelector('input') : control)?.focus();
}
