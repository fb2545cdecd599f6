import { html, nothing, type TemplateResult } from 'lit';
import type { PendingAction } from '../client/incident-types.ts';
import type { Incident, IncidentAction, IncidentActionKind } from '../protocol/incident.ts';
import { icon } from './feed-icons.ts';
import { pendingWords } from './feed-pending.ts';
import { renderShape, severityClass, severityLabel, severityName } from './feed-severity.ts';
import { isoTime, type FeedTime } from './feed-time.ts';
import { actionWords } from './feed-action-words.ts';
import { stateName } from './feed-names.ts';
import { feedSays } from './feed-words.ts';
import type { Language } from './language.ts';
import { listed } from './sentences.ts';

/** What a row needs besides its incident. */
export interface RowPorts {
  /** Whether this may be offered: the page wants it, the server can do it, and the incident's state allows it. */
  can(kind: IncidentActionKind, incident: Incident): boolean;
  /** Does it, and tells the reader of a failure. */
  press(action: IncidentAction): void;
  retry(actionId: string): void;
  discard(actionId: string): void;
  toggle(id: string): void;
  /** What an open row shows below its line. */
  renderMore(incident: Incident): unknown;
}

/** One row as it is drawn now. */
export interface RowLook {
  readonly incident: Incident;
  readonly age: string;
  readonly pending: readonly PendingAction[];
  readonly isOpen: boolean;
  /** Whether its buttons are stops of the Tab key. */
  readonly isActive: boolean;
  /** Whether the page has put something into its slot. */
  readonly hasSlot: boolean;
  readonly time: FeedTime;
}

/** Resources that a row has room for. */
const RESOURCES = 2;
const ASSIGNEES = 2;

/** What an assistive technology calls the row. Without the age, which would make it news every second. */
export function rowLabel(
  { title, severity, state, source, assignees }: Incident,
  language: Language,
): string {
  const names = assignees?.length && listed(language, ...assignees);
  return listed(
    language,
    severityName(severity, language),
    stateName(state, language),
    title,
    source,
    names && language.words(feedSays).assigned({ names }),
  );
}

export function renderRow(look: RowLook, ports: RowPorts): TemplateResult {
  const { incident, isOpen, hasSlot, time } = look;
  const { id, severity, title, state, phase, createdAt } = incident;
  const tone = severityClass(severity);
  const { language } = time;
  const words = language.words(feedSays);
  return html`<div class="line" part="line" @click=${(event: Event) => isPlain(event) && ports.toggle(id)}>
      <span
        class="severity ${tone}"
        part="severity severity-${tone}"
        title=${severityName(severity, language)}
        >${renderShape(severity)}<span>${severityLabel(severity, language)}</span></span
      >
      <div class="title" part="title" title=${title}><bdi>${title}</bdi></div>
      <span class="state ${phase}" part="state state-${phase}">${stateName(state, language)}</span>
      <div class="sub">${renderMark(look, ports) ?? renderFacts(incident, language)}</div>
      ${renderAssignees(incident, language)}
      <time part="age" dir="auto" datetime=${isoTime(createdAt)} title=${time.whole(createdAt)}
        >${look.age}</time
      >
      ${hasSlot ? html`<slot name="row-${id}"></slot>` : nothing} ${renderQuick(look, ports)}
      <button
        type="button"
        class="tool expander"
        part="expander"
        tabindex=${look.isActive ? 0 : -1}
        aria-expanded=${isOpen}
        aria-label=${isOpen ? words.close : words.open}
        @click=${() => ports.toggle(id)}
      >
        ${icon('chevron')}
      </button>
    </div>
    ${isOpen ? html`<div class="more" part="details">${ports.renderMore(incident)}</div>` : nothing}`;
}

function renderFacts({ source, affectedResources }: Incident, language: Language): TemplateResult {
  const more = affectedResources.length - RESOURCES;
  return html`<bdi part="source">${source}</bdi>${
      affectedResources.length > 0
        ? html`<span class="resources" part="resources" title=${affectedResources.slice(0, 20).join('\n')}
            >${affectedResources.slice(0, RESOURCES).map((name) => html`<bdi>${name}</bdi>`)}${
              more > 0 ? html`<span>${language.words(feedSays).more({ count: more })}</span>` : nothing
            }</span
          >`
        : nothing
    }`;
}

/** What is under way, waits or failed; instead of what the row says otherwise, which can be read when it is open. */
function renderMark({ pending, isActive, time }: RowLook, ports: RowPorts): TemplateResult | undefined {
  const shown = pending.at(-1);
  if (!shown) return undefined;
  const words = time.language.words(feedSays);
  const said = pendingWords(shown, time.language);
  const button = (name: string, part: string, press: (id: string) => void) =>
    html`<button
      type="button"
      class="link"
      part=${part}
      tabindex=${isActive ? 0 : -1}
      @click=${() => press(shown.id)}
    >
      ${name}
    </button>`;
  return html`<span class="doing ${shown.state}" part="pending pending-${shown.state}"
      >${icon(shown.state === 'failed' ? 'alert' : 'clock')}<bdi title=${said}>${said}</bdi></span
    >${
      shown.state === 'failed'
        ? [button(words.retry, 'retry', ports.retry), button(words.discard, 'discard', ports.discard)]
        : nothing
    }`;
}

function renderAssignees({ assignees }: Incident, language: Language): TemplateResult {
  const names = assignees ?? [];
  const more = names.length - ASSIGNEES;
  return html`<div class="who" part="assignees" title=${names.slice(0, 20).join('\n')}>
    ${names.slice(0, ASSIGNEES).map((name) => html`<span aria-hidden="true">${initials(name)}</span>`)}
    ${more > 0 ? html`<small aria-hidden="true">${language.words(feedSays).more({ count: more })}</small>` : nothing}
  </div>`;
}

function renderQuick({ incident, pending, isActive, time }: RowLook, ports: RowPorts): unknown {
  const kind = (['acknowledge', 'reopen'] as const).find((one) => ports.can(one, incident));
  if (!kind || pending.length > 0) return nothing;
  return html`<button
    type="button"
    class="quick"
    part="quick-action ${kind}"
    tabindex=${isActive ? 0 : -1}
    @click=${() => ports.press({ kind, id: incident.id })}
  >
    ${time.language.words(actionWords)[kind]}
  </button>`;
}

/** `jane.doe@example.com` as `JD`. */
export function initials(name: string): string {
  const [user = ''] = name.split('@');
  const parts = user.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return parts
    .slice(0, 2)
    .map((part) => String.fromCodePoint(part.codePointAt(0) ?? 0x3f).toUpperCase())
    .join('');
}

/** Whether a click was meant for the row, and not for a button in it or to select text. */
function isPlain(event: Event): boolean {
  const [target] = event.composedPath();
  const own = target instanceof Element && target.closest('button, a, slot');
  const slotted =
    event.target instanceof Element && event.target !== event.currentTarget && event.target.slot;
  return !own && !slotted && getSelection()?.type !== 'Range';
}
