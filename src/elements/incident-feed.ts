import { LitElement, html, type PropertyValues } from 'lit';
import type { ActionReceipt, IncidentFeed, IncidentFilter } from '../client/incident-types.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import { attached } from './attached.ts';
import { ClientController } from './client-controller.ts';
import { commaListConverter, consentConverter } from './converters.ts';
import { textProperties } from './connection-properties.ts';
import type { FeedMethod, FeedPart, ResolveInput } from './feed-part.ts';
import type { Language, OwnWords } from './language.ts';
import { LazyPart } from './lazy-part.ts';
import { theme } from './theme.ts';

/**
 * Live incidents of an incident manager, and what can be done about them. What it shows is either proved to be true a
 * moment ago, or it says that it does not know.
 *
 * It has a connection of its own with `incidents-url`; without, it uses that of the `xians-provider` around it.
 *
 * It fills the height of its container, if that has one; else it is as tall as its rows, up to `--xians-feed-height`.
 *
 * @tag incident-feed
 * @fires {XiansIncidentReceivedEvent} xians-incident-received - An incident that was not known before; not those of the first load.
 * @fires {XiansIncidentUpdatedEvent} xians-incident-updated - A known incident changed, or came into the filter.
 * @fires {XiansIncidentSelectedEvent} xians-incident-selected - The reader opened an incident.
 * @fires {XiansFeedStaleEvent} xians-feed-stale - Nothing proves any more that what is shown is true, or something does again.
 * @fires {XiansErrorEvent} xians-error - The attributes cannot work, or something failed where no call reports it.
 * @slot heading - Title; default: `heading`.
 * @slot empty - What shows when it is certain that there are no incidents.
 * @slot row-{id} - What the page adds to the row of an incident; cut to the height of a row.
 * @slot details-{id} - What the page adds to an incident that is open.
 * @csspart feed - All of it.
 * @csspart head - Title, freshness and tools.
 * @csspart heading - The title.
 * @csspart freshness - How fresh it is; also `freshness-live`, `-polled`, `-busy`, `-unknown`.
 * @csspart pause - The switch that makes it stand still.
 * @csspart tool - A button in the head.
 * @csspart menu - What opens from one.
 * @csspart banner - That nothing is known for certain, or that something failed.
 * @csspart filters - The filters.
 * @csspart chip - The switch of a severity; also `severity-p0` to `-p4`, `-px` for others.
 * @csspart search - The field for a text.
 * @csspart select - A choice.
 * @csspart list - The box that scrolls.
 * @csspart row - An incident; also `row-p0` … `row-px`, `row-open`, and `row-acknowledged` or whatever its phase is.
 * @csspart line - What shows of it while it is closed. All lines have to be equally tall.
 * @csspart severity - Its severity; also `severity-p0` … `severity-px`.
 * @csspart title - Its title.
 * @csspart state - Its state; also `state-open`, `-acknowledged`, `-working`, `-done`, `-unknown`.
 * @csspart source - Its source.
 * @csspart resources - What is affected.
 * @csspart assignees - Who looks after it.
 * @csspart age - How old it is.
 * @csspart pending - An action that the server does not have; also `pending-queued`, `-sending`, `-failed`.
 * @csspart details - What shows of it only while it is open; in it `description`, `facts`, `actions`, `timeline`, `resolution`.
 * @csspart empty - What stands in place of rows.
 * @csspart new - The button that goes to what arrived above.
 * @csspart more - The button that asks for older ones.
 * @cssprop [--xians-feed-height=32rem] - Most height of the list where its container has none.
 * @cssprop [--xians-p0-color] - Colour of the most severe; `--xians-p1-color` to `--xians-p4-color` for the others.
 * @cssprop [--xians-accent-color] - Buttons and what is switched on.
 * @cssprop [--xians-surface-color] - What is raised from the background.
 * @cssprop [--xians-success-color] - That it is fresh.
 * @cssprop [--xians-danger-color] - That nothing is known, and what failed.
 */
export class IncidentFeedElement extends LitElement {
  static override styles = theme;
  static override properties = {
    ...textProperties([
      'incidentsUrl',
      'tokenUrl',
      'participantId',
      'groupBy',
      'link',
      'heading',
      'locale',
      'strings',
    ]),
    getToken: { attribute: false },
    consent: { converter: consentConverter },
    severities: { converter: commaListConverter },
    states: { converter: commaListConverter },
    limit: { type: Number },
    activeOnly: { attribute: 'active-only', type: Boolean },
    paused: { type: Boolean, reflect: true },
    actions: { converter: commaListConverter },
    notify: { converter: commaListConverter },
  };

  /**
   * Address of the incident manager: `https://host[:port][/path]`. A relative one is resolved against the page. Default:
   * that of the `xians-provider` around the element.
   * @attr incidents-url
   */
  declare incidentsUrl: string | undefined;

  /**
   * Endpoint of the page's own site that answers `{ token, expiresIn? }` or `{ access_token, expires_in }`. Default: no
   * credential is sent.
   * @attr token-url
   */
  declare tokenUrl: string | undefined;

  /**
   * Who works here: actions that wait are kept for them alone. Default: the `sub` of the token.
   * @attr participant-id
   */
  declare participantId: string | undefined;

  /** Gives a token when one is needed; instead of `token-url`. Keep the same function to keep the connection. */
  declare getToken: (() => string | Promise<string>) | undefined;

  /**
   * Present with any value but `true`: nothing is requested or stored until it becomes `true`. Absent: not asked for.
   * @attr consent
   */
  declare consent: boolean | undefined;

  /**
   * Severities to show, as `P0, P1`. Default: all.
   * @attr severities
   */
  declare severities: readonly string[];

  /**
   * States to show, by the server's names or as `open`, `acknowledged`, `working`, `done`. Default: all.
   * @attr states
   */
  declare states: readonly string[];

  /**
   * Most incidents held, 1 to 100,000; the least severe make room first, then the oldest.
   * @attr limit
   */
  limit = 100;

  /**
   * Leaves out what is resolved or closed.
   * @attr active-only
   */
  activeOnly = false;

  /**
   * `severity`, `state` or `source`. Default: not grouped.
   * @attr group-by
   */
  groupBy = '';

  /**
   * The rows stand still; what arrives is counted. Reflected.
   * @attr paused
   */
  paused = false;

  /**
   * What may be offered, as `acknowledge, assign, escalate, resolve, comment, reopen`, or `none`. Default: whatever the
   * server can do. Nothing is offered that it cannot.
   * @attr actions
   */
  declare actions: readonly string[] | undefined;

  /**
   * What visitors may switch on: `sound, title, desktop`. Default: none. Nothing of it begins without a click.
   * @attr notify
   */
  declare notify: readonly string[];

  /**
   * Address of an incident's own page, with `{id}` in the place of its id; what "Copy link" gives. Default: this page, which
   * then opens the incident.
   * @attr link
   */
  declare link: string | undefined;

  /**
   * Title of the feed. Default: "Incidents", in the reader's language.
   * @attr heading
   */
  declare heading: string | undefined;

  /**
   * Language of words, dates and numbers, as a BCP 47 tag. Default: that of the provider, else of the page.
   * @attr locale
   */
  declare locale: string | undefined;

  /**
   * Texts in the page's own words, by key: `{"feed.none":"All is well"}`; as an attribute JSON.
   * @attr strings
   */
  declare strings: string | OwnWords | undefined;

  /** @internal What the feed speaks. Given by its code, once that is loaded. */
  declare language: Language;

  /** @internal Makes the feed of a filter; `undefined` while nothing says where the incidents are. */
  openFeed: ((filter: IncidentFilter) => Promise<IncidentFeed>) | undefined;

  /** @internal Why there is no feed. */
  problem: RealtimeError | 'consent' | undefined;

  readonly #connection = new ClientController(this);
  readonly #part = new LazyPart<FeedPart>(
    async () => (await import('./feed-part.ts')).openPart(this, this.#connection),
    () => this.requestUpdate(),
  );

  constructor() {
    super();
    this.severities = this.states = this.notify = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#part.want();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#part.rest();
  }

  /** Looks now. Resolves when everything shown was proved to be true; rejects with why it could not be. */
  refresh(): Promise<void> {
    return this.#call('refresh');
  }

  /** Says that somebody looks after it. Rejects with why the server refuses, as all of these do. */
  acknowledge(id: string): Promise<ActionReceipt> {
    return this.#call('acknowledge', id);
  }

  /** Makes `who` the whole list of those who look after it. */
  assign(id: string, who: string | readonly string[]): Promise<ActionReceipt> {
    return this.#call('assign', id, who);
  }

  /** Sets another severity, also a lower one. */
  escalate(id: string, severity: string, reason: string): Promise<ActionReceipt> {
    return this.#call('escalate', id, severity, reason);
  }

  /** @param input Default: by hand (`manual`), without notes. */
  resolve(id: string, input?: ResolveInput): Promise<ActionReceipt> {
    return this.#call('resolve', id, input);
  }

  comment(id: string, text: string): Promise<ActionReceipt> {
    return this.#call('comment', id, text);
  }

  reopen(id: string): Promise<ActionReceipt> {
    return this.#call('reopen', id);
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    this.#part.value?.update();
  }

  protected override render(): unknown {
    return this.#part.value?.render() ?? html`<slot></slot>`;
  }

  /** The methods are those of the part that is loaded. */
  async #call<Name extends FeedMethod>(
    name: Name,
    ...input: Parameters<FeedPart[Name]>
  ): Promise<Awaited<ReturnType<FeedPart[Name]>>> {
    await attached(this);
    const part = await this.#part.loaded;
    const method = part[name] as (...input: unknown[]) => ReturnType<FeedPart[Name]>;
    return await method.apply(part, input);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'incident-feed': IncidentFeedElement;
  }
}
