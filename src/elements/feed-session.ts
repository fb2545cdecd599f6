import type { ActionReceipt, IncidentFeed, IncidentFilter } from '../client/incident-types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Incident, IncidentAction } from '../protocol/incident.ts';
import { XiansErrorEvent } from './events.ts';
import { XiansFeedStaleEvent, XiansIncidentReceivedEvent, XiansIncidentUpdatedEvent } from './feed-events.ts';
import type { FeedHost } from './feed-host.ts';
import { feedSays } from './feed-words.ts';
import { ENGLISH } from './language.ts';

/** The largest number of rows that a feed holds. */
const MAX_LIMIT = 100_000;
/** For a page that says none, or nonsense. */
const LIMIT = 100;

export interface SessionPorts {
  /** Something that shows changed. */
  changed(): void;
  /** These are there from the beginning. */
  known(incidents: readonly Incident[]): void;
  received(incidents: readonly Incident[]): void;
  updated(incidents: readonly Incident[]): void;
  /** What was shown belongs to another place, or to nobody. */
  cleared(): void;
}

/** The feed that its host's attributes ask for, followed while the host is in the document; and whether it stands still. */
export class FeedSession {
  readonly #host: FeedHost;
  readonly #ports: SessionPorts;
  #feed: IncidentFeed | undefined;
  #undo: Undo[] = [];
  #openFeed: FeedHost['openFeed'];
  #key: string | undefined;
  #opening: Promise<IncidentFeed> | undefined;
  #problem: RealtimeError | undefined;
  /** More rows than the page asked for, since the reader did. */
  #extra = 0;
  #isKnown = false;
  #isStale = false;
  #unknownSince: number | undefined;
  #frozen: readonly Incident[] | undefined;
  /** What the reader has acted on while it stood still. */
  #touched = new Set<string>();
  #arrived = 0;

  constructor(host: FeedHost, ports: SessionPorts) {
    this.#host = host;
    this.#ports = ports;
  }

  get feed(): IncidentFeed | undefined {
    return this.#feed;
  }

  /** Why there is no feed. */
  get problem(): RealtimeError | undefined {
    return this.#problem;
  }

  /** What is to be shown: what the feed has, or had when it was paused. */
  get incidents(): readonly Incident[] {
    return this.#frozen ?? this.#feed?.incidents ?? [];
  }

  /** How many arrived since it was paused; `undefined`: it is not. */
  get arrived(): number | undefined {
    return this.#frozen ? this.#arrived : undefined;
  }

  /** Milliseconds since 1970 at which it became unknown whether what is shown is true. */
  get unknownSince(): number | undefined {
    return this.#unknownSince;
  }

  /** Whether other rows are on their way, because the filter changed or more are wanted. */
  get isOpening(): boolean {
    return this.#opening !== undefined;
  }

  get canShowMore(): boolean {
    return Boolean(this.#feed?.hasMore) && this.#limit < MAX_LIMIT;
  }

  /** Brings it in line with the host. To be called before the host draws itself. */
  follow(): void {
    const { openFeed, severities, states, activeOnly, paused, isConnected } = this.#host;
    if (!isConnected) return;
    const key = JSON.stringify([severities, states, this.#pageLimit, activeOnly]);
    if (openFeed !== this.#openFeed) {
      this.rest();
      this.#openFeed = openFeed;
      this.#ports.cleared();
    }
    if (openFeed && key !== this.#key) {
      this.#key = key;
      this.#extra = 0;
      this.#open();
    }
    this.#freeze(paused);
  }

  /** Follows nothing any more. */
  rest(): void {
    this.#unfollow();
    this.#feed = this.#opening = this.#key = this.#openFeed = this.#problem = this.#frozen = undefined;
    this.#isKnown = this.#isStale = false;
    this.#unknownSince = undefined;
  }

  showMore(): void {
    this.#extra += this.#limit;
    this.#open();
  }

  /** Opens the feed again after it could not be had. */
  retry(): void {
    this.#open();
  }

  /** Looks now, or tries to connect. Rejects with why it could not. */
  async refresh(): Promise<void> {
    const feed = await this.#ready();
    if (feed.status.until !== undefined) feed.retryNow();
    await feed.refresh();
  }

  async act(action: IncidentAction): Promise<ActionReceipt> {
    this.#touched.add(action.id);
    return (await this.#ready()).act(action);
  }

  /** The attribute may have been taken away, or be no number. */
  get #pageLimit(): number {
    const limit = Math.floor(this.#host.limit);
    return limit >= 1 ? limit : LIMIT;
  }

  get #limit(): number {
    return Math.min(MAX_LIMIT, this.#pageLimit + this.#extra);
  }

  /** The feed, as soon as there is one. Rejects with why there is none. */
  async #ready(): Promise<IncidentFeed> {
    if (this.#opening) return this.#opening;
    if (this.#feed) return this.#feed;
    const { problem } = this.#host;
    if (problem instanceof RealtimeError) throw problem;
    throw (
      this.#problem ?? new RealtimeError('input', ENGLISH.words(feedSays)[problem ? 'consent' : 'noFeed'])
    );
  }

  #open(): void {
    const openFeed = this.#openFeed;
    if (!openFeed) return;
    const { severities, states, activeOnly } = this.#host;
    const filter: IncidentFilter = { severities, states, activeOnly, limit: this.#limit };
    this.#problem = undefined;
    const opening = (this.#opening = openFeed(filter));
    opening.then(
      (feed) => this.#opening === opening && this.#take(feed),
      (reason: unknown) => {
        if (this.#opening !== opening) return;
        // Rows of another filter are not what was asked for.
        this.#unfollow();
        this.#feed = this.#opening = this.#frozen = undefined;
        this.#problem = RealtimeError.from(reason, 'bug', 'The incidents could not be shown.');
        this.#host.dispatchEvent(new XiansErrorEvent(this.#problem));
        this.#ports.changed();
      },
    );
  }

  #take(feed: IncidentFeed): void {
    this.#opening = undefined;
    if (feed === this.#feed) return this.#ports.changed();
    const before = this.#undo.splice(0);
    this.#feed = feed;
    this.#isKnown = false;
    this.#undo = [
      feed.on('change', () => this.#onChange(feed)),
      feed.on('received', (incidents) => {
        this.#arrived += incidents.length;
        this.#ports.received(incidents);
        for (const one of incidents) this.#host.dispatchEvent(new XiansIncidentReceivedEvent(one));
      }),
      feed.on('updated', (incidents) => {
        this.#ports.updated(incidents);
        for (const one of incidents) this.#host.dispatchEvent(new XiansIncidentUpdatedEvent(one));
      }),
      feed.on('freshness', () => this.#onFreshness(feed, Date.now())),
      feed.on('error', (error) => this.#host.dispatchEvent(new XiansErrorEvent(error))),
      feed.open(),
    ];
    // Only now, so that a connection that both feeds use stays.
    for (const undo of before) undo();
    this.#onFreshness(feed);
    this.#onChange(feed);
  }

  #unfollow(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #onChange(feed: IncidentFeed): void {
    if (!this.#isKnown && !feed.isLoading) {
      this.#isKnown = true;
      this.#ports.known(feed.incidents);
    }
    if (this.#frozen && this.#touched.size > 0) {
      this.#frozen = this.#frozen.map((row) => (this.#touched.has(row.id) ? (feed.get(row.id) ?? row) : row));
    }
    this.#ports.changed();
  }

  /** @param since When it became so, where that was seen. */
  #onFreshness({ freshness: { state, asOf } }: IncidentFeed, since?: number): void {
    const stale = state === 'unknown';
    this.#unknownSince = stale ? (this.#unknownSince ?? since) : undefined;
    if (stale !== this.#isStale && state !== 'checking') {
      this.#isStale = stale;
      this.#host.dispatchEvent(new XiansFeedStaleEvent(stale, asOf));
    }
    this.#ports.changed();
  }

  #freeze(paused: boolean): void {
    if (paused === (this.#frozen !== undefined)) return;
    this.#arrived = 0;
    this.#touched = new Set();
    this.#frozen = paused ? this.#feed?.incidents : undefined;
  }
}
