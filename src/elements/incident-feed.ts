import { LitElement, html, type PropertyValues } from 'lit';
import type { ActionReceipt, IncidentFeed, IncidentFilter } from '../client/incident-types.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import { attached } from './attached.ts';
import { ClientController } from './client-controller.ts';
import { commaListConverter, consentConverter } from './converters.ts';
import { textProperties } from './connection-properties.ts';
import type { FeedMethod, FeedPart, ResolveInput } from './feed-part.ts';
import { LazyPart } from './lazy-part.ts';
import { theme } from './theme.ts';

/**
 * Live incidents of an incident manager, and what can be done about them. What it shows is either proved to be true a
 * moment ago, or it says that it does not know.
 *
 * It has a connection of its own with `incidents-url`; without, it uses that of the `xians-provider` around it.
 *
 * @tag incident-feed
 */
export class IncidentFeedElement extends LitElement {
  static override styles = theme;
  static override properties = {
    ...textProperties(['incidentsUrl', 'tokenUrl', 'participantId', 'groupBy', 'link', 'heading', 'locale']),
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
   * Title of the feed.
   * @attr heading
   */
  heading = 'Incidents';

  /**
   * Language of dates and numbers, as a BCP 47 tag. Default: that of the page.
   * @attr locale
   */
  declare locale: string | undefined;

  /** @internal Makes the feed of a filter; `undefined` while nothing says where the incidents are. */
  openFeed: ((filter: IncidentFilter) => Promise<IncidentFeed>) | undefined;

  /** @internal Why there is no feed. */
  problem: RealtimeError | 'consent' | undefined;

  readonly #connection = new ClientController(this);
  readonly #part = new LazyPart<FeedPart>(
    async () => new (await import('./feed-part.ts')).FeedPart(this, this.#connection),
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
