import { html, nothing, type TemplateResult } from 'lit';
import type { ActionReceipt, IncidentFeed } from '../client/incident-types.ts';
import type {
  Incident,
  IncidentAction,
  IncidentActionKind,
  IncidentDetails,
  IncidentResolution,
  TimelineEntry,
} from '../protocol/incident.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { addStyles } from './add-styles.ts';
import type * as Forms from './feed-action-form.ts';
import { errorText } from './error-text.ts';
import { actionWords } from './feed-action-words.ts';
import { detailsWords } from './feed-details-words.ts';
import { methodName, stateName } from './feed-names.ts';
import { incidentHash } from './feed-hash.ts';
import type { FeedHost } from './feed-host.ts';
import { pendingWords } from './feed-pending.ts';
import type { RowPorts } from './feed-row.ts';
import { isoTime, type FeedTime } from './feed-time.ts';
import { ENGLISH, type Language } from './language.ts';
import { LazyPart } from './lazy-part.ts';
import type { Words } from './words.ts';

export { detailsStyles as styles } from './feed-details-styles.ts';

/** Entries of a timeline that show at once, the last ones. */
const ENTRIES = 12;
const RESOURCES = 100;
/** How long a copy button says that it has copied. */
const COPIED_MS = 2_000;
/** In the order of the buttons. */
const KINDS: readonly IncidentActionKind[] = [
  'acknowledge',
  'assign',
  'escalate',
  'comment',
  'resolve',
  'reopen',
];
/** Those that say all by their name. */
const PLAIN: ReadonlySet<IncidentActionKind> = new Set(['acknowledge', 'reopen']);

export interface DetailsPorts extends RowPorts {
  /** Does it, and tells the reader how it ended, but for a failure. */
  act(action: IncidentAction): Promise<ActionReceipt>;
  /** Has it read out. */
  say(line: string): void;
}

/** What an open row shows below its line: everything about the incident, and what can be done about it. One for each element. */
export class FeedDetails {
  readonly #host: FeedHost;
  readonly #ports: DetailsPorts;
  readonly #forms: LazyPart<typeof Forms>;
  #feed: IncidentFeed | undefined;
  #id: string | undefined;
  #updatedAt = 0;
  #details: IncidentDetails | undefined;
  #error: RealtimeError | undefined;
  #request: AbortController | undefined;
  #isWhole = false;
  #copied: string | undefined;
  #copiedTimer: number | undefined;
  #kind: IncidentActionKind | undefined;
  #form: Forms.ActionForm | undefined;
  /** The form was asked for, and is not what came back with its incident. */
  #isAsked = false;
  /** Forms that were left with something written in them, by {@link draftKey}. */
  readonly #drafts = new Map<string, Forms.ActionForm>();

  constructor(host: FeedHost, ports: DetailsPorts) {
    this.#host = host;
    this.#ports = ports;
    this.#forms = new LazyPart(
      () => import('./feed-action-form.ts'),
      ({ styles }) => {
        addStyles(host, styles);
        host.requestUpdate();
      },
    );
  }

  get #words(): Words<(typeof detailsWords)['source']> {
    return this.#host.language.words(detailsWords);
  }

  /** Forgets all. */
  rest(): void {
    this.close();
    this.#drafts.clear();
  }

  /** Forgets what was shown, but for what was written and not sent, and asks for nothing more. */
  close(): void {
    this.#leaveForm();
    this.#request?.abort();
    clearTimeout(this.#copiedTimer);
    this.#forms.rest();
    this.#feed = this.#id = this.#details = this.#error = this.#request = undefined;
    this.#copied = this.#kind = this.#form = undefined;
    this.#isWhole = false;
  }

  /** Has the next update show the form of an action; its first field gets focus as soon as it is there. */
  openForm(kind: IncidentActionKind): void {
    this.#leaveForm();
    this.#kind = kind;
    this.#form = undefined;
    this.#isAsked = true;
    this.#forms.want();
  }

  render(incident: Incident, feed: IncidentFeed, time: FeedTime): TemplateResult {
    this.#follow(incident, feed);
    const { affectedResources, assignees, type, createdAt, updatedAt, id } = incident;
    const description = this.#details?.incident.description || incident.description;
    const capabilities = feed.status.capabilities;
    const words = this.#words;
    const { language } = time;
    const labels = this.#details?.labels ?? [];
    const row = (name: string, value: unknown) =>
      html`<dt>${name}</dt>
        <dd>${value}</dd>`;
    const moment = (at: number) => html`<time dir="auto" datetime=${isoTime(at)}>${time.at(at)}</time>`;
    return html`<div class="details">
      ${this.#renderPending(incident, feed)} ${this.#renderActions(incident)}
      ${this.#renderForm(incident, feed)}
      ${
        description
          ? html`<p class="description" part="description" dir="auto">${description}</p>`
          : html`<p class="quiet" part="description">${words.noDescription}</p>`
      }
      <dl part="facts">
        ${affectedResources.length > 0 ? row(words.resources, renderNames(affectedResources, language)) : nothing}
        ${assignees ? row(words.assignees, assignees.length > 0 ? renderNames(assignees, language) : words.nobody) : nothing}
        ${type ? row(words.type, stateName(type, language)) : nothing}
        ${
          labels.length > 0
            ? row(
                words.labels,
                renderNames(
                  labels.map(({ key, value }) => (value ? `${key}: ${value}` : key)),
                  language,
                ),
              )
            : nothing
        }
        ${row(words.created, moment(createdAt))}
        ${updatedAt > createdAt ? row(words.updated, moment(updatedAt)) : nothing}
        ${row(words.id, html`<code>${id}</code>`)}
      </dl>
      ${this.#details?.resolution ? renderResolution(this.#details.resolution, moment, language) : nothing}
      ${this.#renderTimeline(capabilities?.timeline ?? true, moment)} ${this.#renderCopies(incident)}
      <slot name="details-${id}"></slot>
    </div>`;
  }

  /** Reads it when it is opened, and again when it has changed. */
  #follow({ id, updatedAt }: Incident, feed: IncidentFeed): void {
    const isOther = id !== this.#id || feed !== this.#feed;
    if (!isOther && (updatedAt === this.#updatedAt || this.#request)) return;
    if (id !== this.#id) {
      const [kind, form] = [this.#kind, this.#form];
      this.close();
      // A key opens both, the row and the form.
      this.#kind = (form ? undefined : kind) ?? KINDS.find((one) => this.#drafts.has(draftKey(one, id)));
    }
    if (this.#kind) this.#forms.want();
    this.#id = id;
    this.#feed = feed;
    this.#updatedAt = updatedAt;
    this.#load();
  }

  #load = () => {
    const [id, feed] = [this.#id, this.#feed];
    if (id === undefined || !feed) return;
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.#error = undefined;
    const settle = (details: IncidentDetails | undefined, error?: RealtimeError) => {
      if (this.#request !== request) return;
      this.#request = undefined;
      this.#details = details ?? this.#details;
      this.#error = error;
      this.#host.requestUpdate();
    };
    feed
      .details(id, request.signal)
      .then(settle, (reason: unknown) =>
        settle(undefined, RealtimeError.from(reason, 'bug', ENGLISH.words(detailsWords).failed)),
      );
  };

  #renderPending({ id }: Incident, { pending }: IncidentFeed): unknown {
    const own = pending.filter(({ action }) => action.id === id);
    if (own.length < 2 && own[0]?.state !== 'failed') return nothing;
    const words = this.#words;
    return html`<section class="waiting">
      <h3>${words.pending}</h3>
      <ul>
        ${own.map(
          (one) =>
            html`<li>
              <bdi>${pendingWords(one, this.#host.language)}</bdi>
              ${
                one.state === 'failed'
                  ? html`<button type="button" class="link" @click=${() => this.#ports.retry(one.id)}>
                        ${words.tryAgain}
                      </button>
                      <button type="button" class="link" @click=${() => this.#ports.discard(one.id)}>
                        ${words.discard}
                      </button>`
                  : nothing
              }
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #renderActions(incident: Incident): unknown {
    const kinds = KINDS.filter((kind) => this.#ports.can(kind, incident));
    if (kinds.length === 0) return nothing;
    const press = (kind: IncidentActionKind) => {
      if (kind === 'acknowledge' || kind === 'reopen') this.#ports.press({ kind, id: incident.id });
      else if (this.#kind === kind) this.#closeForm();
      else this.openForm(kind);
      this.#host.requestUpdate();
    };
    return html`<div class="buttons" role="group" aria-label=${this.#words.actions} part="actions">
      ${kinds.map(
        (kind) =>
          html`<button
            type="button"
            class="pill ${kind === this.#kind ? 'on' : ''}"
            part="action ${kind}"
            aria-expanded=${PLAIN.has(kind) ? nothing : kind === this.#kind}
            @click=${() => press(kind)}
          >
            ${this.#host.language.words(actionWords)[kind]}
          </button>`,
      )}
    </div>`;
  }

  #renderForm(incident: Incident, feed: IncidentFeed): unknown {
    const kind = this.#kind;
    const { capabilities } = feed.status;
    if (!kind) return nothing;
    const forms = this.#forms.value;
    if (!forms || !capabilities) return html`<p class="quiet" role="status">${this.#words.loadingForm}</p>`;
    if (!this.#form) {
      const key = draftKey(kind, incident.id);
      const end = () => {
        this.#drafts.delete(key);
        if (this.#form === form) this.#closeForm();
      };
      const form =
        this.#drafts.get(key) ??
        new forms.ActionForm(this.#host, kind, incident, {
          submit: async (action) => {
            const receipt = await this.#ports.act(action);
            end();
            return receipt;
          },
          cancel: () => end(),
          capabilities,
          assignees: seenAssignees(feed),
        });
      this.#form = form;
      if (this.#isAsked) void this.#host.updateComplete.then(() => this.#form === form && form.focus());
      this.#isAsked = false;
    }
    return html`<div part="form">${this.#form.render(incident)}</div>`;
  }

  #leaveForm(): void {
    if (this.#id !== undefined && this.#kind && this.#form?.hasDraft) {
      this.#drafts.set(draftKey(this.#kind, this.#id), this.#form);
    }
  }

  /** Focus goes back to the button that opened it, or to the row if there is no such button any more. */
  #closeForm(): void {
    const kind = this.#kind;
    const { renderRoot } = this.#host;
    const focused = renderRoot instanceof ShadowRoot ? renderRoot.activeElement : null;
    const isHere = focused ? focused.closest('form') : document.activeElement === document.body;
    this.#kind = this.#form = undefined;
    this.#host.requestUpdate();
    // A reader who has gone elsewhere meanwhile is not called back.
    if (!isHere) return;
    void this.#host.updateComplete.then(() => {
      const find = (selector: string) => renderRoot.querySelector<HTMLElement>(selector);
      (find(`.buttons [part~="${kind}"]`) ?? find('.row.open'))?.focus();
    });
  }

  #renderTimeline(isTold: boolean, moment: (at: number) => TemplateResult): TemplateResult {
    const entries = this.#details?.timeline;
    const words = this.#words;
    const { language } = this.#host;
    const hidden = this.#isWhole || !entries ? 0 : Math.max(0, entries.length - ENTRIES);
    const content = () => {
      if (this.#error) {
        return html`<p class="failed" role="status">
          ${words.failed} <bdi>${errorText(this.#error, language)}</bdi>
          <button type="button" class="link" @click=${this.#load}>${words.tryAgain}</button>
        </p>`;
      }
      if (!this.#details) return html`<p class="quiet" role="status">${words.loadingTimeline}</p>`;
      if (!entries) return html`<p class="quiet">${isTold ? words.noTimeline : words.untold}</p>`;
      if (entries.length === 0) return html`<p class="quiet">${words.noTimeline}</p>`;
      return html`${
          hidden > 0
            ? html`<button type="button" class="link" @click=${this.#showWhole}>
                ${words.earlier({ count: hidden })}
              </button>`
            : nothing
        }
        <ol part="timeline">
          ${entries.slice(hidden).map((entry) => renderEntry(entry, moment, language))}
        </ol>`;
    };
    return html`<section aria-busy=${this.#request !== undefined}>
      <h3>${words.timeline}</h3>
      ${content()}
    </section>`;
  }

  #showWhole = () => {
    this.#isWhole = true;
    this.#host.requestUpdate();
  };

  #renderCopies(incident: Incident): TemplateResult {
    const link = linkOf(this.#host.link, incident.id);
    const words = this.#words;
    const button = (name: string, label: string, text: () => string | Promise<string>) =>
      html`<button type="button" class="link" @click=${() => void this.#copy(name, text)}>
        ${this.#copied === name ? words.copied : label}
      </button>`;
    return html`<div class="copies">
      ${
        link && this.#host.link
          ? html`<a class="link" href=${link} rel="noreferrer">${words.openPage}</a>`
          : nothing
      }
      ${
        // Without a secure context there is no clipboard.
        navigator.clipboard
          ? html`${link ? button('link', words.copyLink, () => link) : nothing}
            ${button('markdown', words.copyMarkdown, async () => {
              const { incidentMarkdown } = await import('./feed-markdown.ts');
              return incidentMarkdown(incident, this.#details, link, this.#host.language);
            })}
            ${button('id', words.copyId, () => incident.id)}`
          : nothing
      }
    </div>`;
  }

  async #copy(name: string, text: () => string | Promise<string>): Promise<void> {
    try {
      await navigator.clipboard.writeText(await text());
      this.#ports.say(this.#words.copied);
      this.#copied = name;
    } catch {
      this.#ports.say(this.#words.copyFailed);
      this.#copied = undefined;
    }
    this.#host.requestUpdate();
    clearTimeout(this.#copiedTimer);
    this.#copiedTimer = window.setTimeout(() => {
      this.#copied = undefined;
      this.#host.requestUpdate();
    }, COPIED_MS);
  }
}

function renderNames(names: readonly string[], language: Language): TemplateResult {
  const more = names.length - RESOURCES;
  return html`<ul class="names">
    ${names.slice(0, RESOURCES).map((name) => html`<li><bdi>${name}</bdi></li>`)}
    ${more > 0 ? html`<li>${language.words(detailsWords).moreResources({ count: more })}</li>` : nothing}
  </ul>`;
}

function renderEntry(
  entry: TimelineEntry,
  moment: (at: number) => TemplateResult,
  language: Language,
): TemplateResult {
  const { at, actor, type, description } = entry;
  return html`<li>
    ${moment(at)}
    <div dir="auto">
      ${actor ? html`<b><bdi>${actor}</bdi></b> ` : nothing}<bdi
        >${description || stateName(type, language)}</bdi
      >
    </div>
  </li>`;
}

function renderResolution(
  { at, by, method, notes, rootCause }: IncidentResolution,
  moment: (at: number) => TemplateResult,
  language: Language,
): TemplateResult {
  const words = language.words(detailsWords);
  const how = methodName(method, language);
  return html`<section part="resolution">
    <h3>${words.resolution}</h3>
    <p>${by ? words.resolvedBy({ method: how, by }) : how} ${at === undefined ? nothing : moment(at)}</p>
    ${notes ? html`<p class="description" dir="auto">${notes}</p>` : nothing}
    ${rootCause ? html`<p class="description" dir="auto"><b>${words.rootCause}:</b> ${rootCause}</p>` : nothing}
  </section>`;
}

function draftKey(kind: IncidentActionKind, id: string): string {
  return `${kind} ${id}`;
}

/** Who is assigned to something, to be offered. */
function seenAssignees({ incidents }: IncidentFeed): readonly string[] {
  const names = new Set(incidents.slice(0, 1_000).flatMap(({ assignees }) => assignees ?? []));
  return [...names].sort().slice(0, 100);
}

/**
 * The address that `template` has for the incident; without one this page, which then opens it. `undefined` where it leads
 * anywhere but to a page.
 */
function linkOf(template: string | undefined, id: string): string | undefined {
  const place = template ? template.replace('{id}', encodeURIComponent(id)) : incidentHash(id);
  const url = URL.parse(place, template ? document.baseURI : location.href);
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
}
