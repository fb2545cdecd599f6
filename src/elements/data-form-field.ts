import { html, nothing, type TemplateResult } from 'lit';
import type { Entry, Field } from './data-form-shape.ts';
import { formWords } from './data-form-words.ts';
import type { Language } from './language.ts';

/** A field as it is drawn. */
export interface FieldView {
  readonly field: Field;
  /** Of its control; what describes it has ids that begin with it. */
  readonly id: string;
  readonly entry: Entry;
  readonly problem: string | undefined;
  readonly language: Language;
  enter(entry: Entry): void;
}

/** Types of `<input>`, and what browsers may fill in, where they differ from a plain text. */
const TYPES: Partial<Record<Field['kind'], string>> = {
  email: 'email',
  url: 'url',
  date: 'date',
  time: 'time',
  datetime: 'datetime-local',
};
const AUTOCOMPLETE: readonly (readonly [name: RegExp, token: string])[] = [
  [/^e?-?mail/i, 'email'],
  [/^(full_?)?name$/i, 'name'],
  [/phone|^tel$/i, 'tel'],
];

/** A question with its label, its description, and what is wrong with the answer. */
export function drawField(view: FieldView): TemplateResult {
  const { field, id, problem, language } = view;
  const label = field.required ? field.label : language.words(formWords).optional({ label: field.label });
  const notes = html`${
    field.description
      ? html`<div class="form-hint" id="${id}-hint" dir="auto">${field.description}</div>`
      : nothing
  }${problem ? html`<div class="form-problem" id="${id}-problem">${problem}</div>` : nothing}`;
  const wrong = problem ? 'wrong' : '';
  if (field.kind === 'checkbox') {
    return html`<div class="form-field ${wrong}">
      <label class="form-tick">
        <input
          type="checkbox"
          id=${id}
          .checked=${view.entry === true}
          aria-describedby=${described(view)}
          aria-invalid=${problem ? 'true' : nothing}
          aria-required=${field.required || nothing}
          @change=${(event: Event) => view.enter((event.target as HTMLInputElement).checked)}
        /><span dir="auto">${field.label}</span>
      </label>
      ${notes}
    </div>`;
  }
  if (field.kind === 'radios' || field.kind === 'checks') {
    return html`<fieldset class="form-field ${wrong}" id=${id} aria-describedby=${described(view)}>
      <legend dir="auto">${label}</legend>
      ${field.options.map((option, place) => drawChoice(view, option.label, place))} ${notes}
    </fieldset>`;
  }
  return html`<div class="form-field ${wrong}">
    <label for=${id} dir="auto">${label}</label>
    ${drawControl(view)} ${notes}
  </div>`;
}

function drawChoice(
  { field, id, entry, problem, enter }: FieldView,
  label: string,
  place: number,
): TemplateResult {
  const chosen = Array.isArray(entry) ? (entry as readonly number[]) : [];
  const many = field.kind === 'checks';
  const change = (event: Event) => {
    const on = (event.target as HTMLInputElement).checked;
    const others = many ? chosen.filter((one) => one !== place) : [];
    enter((on ? [...others, place] : others).sort((one, other) => one - other));
  };
  return html`<label class="form-tick">
    <input
      type=${many ? 'checkbox' : 'radio'}
      name=${id}
      .checked=${chosen.includes(place)}
      aria-invalid=${problem ? 'true' : nothing}
      @change=${change}
    /><span dir="auto">${label}</span>
  </label>`;
}

function drawControl(view: FieldView): TemplateResult {
  const { field, id, entry, problem, language, enter } = view;
  const text = typeof entry === 'string' ? entry : '';
  const input = (event: Event) => enter((event.target as HTMLInputElement | HTMLTextAreaElement).value);
  if (field.kind === 'select') {
    const chosen = Array.isArray(entry) ? (entry as readonly number[])[0] : undefined;
    return html`<select
      id=${id}
      aria-describedby=${described(view)}
      aria-invalid=${problem ? 'true' : nothing}
      aria-required=${field.required || nothing}
      @change=${(event: Event) => {
        const { value } = event.target as HTMLSelectElement;
        enter(value === '' ? [] : [Number(value)]);
      }}
    >
      <option value="" ?selected=${chosen === undefined}>${language.words(formWords).choose}</option>
      ${field.options.map(
        ({ label }, place) => html`<option value=${place} ?selected=${place === chosen}>${label}</option>`,
      )}
    </select>`;
  }
  if (field.kind === 'area') {
    return html`<textarea
      id=${id}
      rows="3"
      dir="auto"
      .value=${text}
      aria-describedby=${described(view)}
      aria-invalid=${problem ? 'true' : nothing}
      aria-required=${field.required || nothing}
      @input=${input}
    ></textarea>`;
  }
  const numeric = field.kind === 'integer' ? 'numeric' : field.kind === 'number' ? 'decimal' : nothing;
  return html`<input
    id=${id}
    type=${TYPES[field.kind] ?? 'text'}
    inputmode=${numeric}
    autocomplete=${AUTOCOMPLETE.find(([name]) => name.test(field.name))?.[1] ?? 'off'}
    dir=${field.kind === 'text' ? 'auto' : nothing}
    .value=${text}
    aria-describedby=${described(view)}
    aria-invalid=${problem ? 'true' : nothing}
    aria-required=${field.required || nothing}
    @input=${input}
  />`;
}

function described({ field, id, problem }: FieldView): string | typeof nothing {
  const ids = [field.description && `${id}-hint`, problem && `${id}-problem`].filter(Boolean);
  return ids.length > 0 ? ids.join(' ') : nothing;
}
