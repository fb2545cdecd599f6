import { Emitter, type Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Incident, IncidentAction, IncidentDetails } from '../protocol/incident.ts';
import { severityRank } from '../protocol/incident-words.ts';
import type { IncidentPage, IncidentQuery, IncidentsById } from '../transports/incident-source.ts';
import { STATES } from './connection-states.ts';
import type { Environment } from './environment.ts';
import type { ResolvedFilter } from './incident-filter.ts';
import { FreshnessClock, type Stamp, stampOf } from './incident-freshness.ts';
import { type Arrival, FeedNews } from './incident-news.ts';
import { type Applied, IncidentStore } from './incident-store.ts';
import type {
  ActionReceipt,
  Freshness,
  IncidentFeed,
  IncidentFeedEvents,
  IncidentFilter,
  IncidentStatus,
  PendingAction,
} from './incident-types.ts';
import { walk } from './incident-walk.ts';

/** What the feeds of a client have in common. */
export interface FeedPorts {
  readonly environment: Environment;
  readonly status: IncidentStatus;
  readonly pending: readonly PendingAction[];
  readonly clockAheadMs: number;
  page(query: IncidentQuery): Promise<IncidentPage>;
  read(ids: readonly string[], signal: AbortSignal): Promise<IncidentsById>;
  /** A look found these, which were asked for at `asked`; `changes` since an earlier one that began at `lookedAt`. */
  onLooked(
    ids: readonly string[],
    asked: number,
    changes: readonly string[],
    lookedAt: number | undefined,
  ): void;
  /** Somebody wants the feed, or nobody does any more. */
  onWanted(feed: ClientIncidentFeed, isWanted: boolean): void;
  refresh(feed: ClientIncidentFeed): Promise<void>;
  retryNow(): void;
  details(id: string, signal?: AbortSignal): Promise<IncidentDetails>;
  act(action: IncidentAction): Promise<ActionReceipt>;
  discard(actionId: string): Promise<boolean>;
  retry(actionId: string): Promise<boolean>;
}

/** One look at everything. */
export interface Look {
  /** What was missed is there. Rejects as `done` does. */
  readonly caughtUp: Promise<void>;
  /** Every row was seen. */
  readonly done: Promise<void>;
}

/** As long after a look a stream that is believed may stand for it: the next one is due after 30 s, and may take a while. */
const LOOK_VALID_MS = 35_000;

/** `P0` and `P1`. */
const SEVERE = 1;

/** The feed of one filter: what is held, whether it is true, and who listens. */
export class ClientIncidentFeed implements IncidentFeed {
  readonly #ports: FeedPorts;
  readonly #filter: ResolvedFilter;
  readonly #emitter = new Emitter<IncidentFeedEvents>();
  readonly #freshness: FreshnessClock;
  #store: IncidentStore;
  #openers = 0;
  #stop = new AbortController();
  #look: Look | undefined;
  #nextLook: Look | undefined;
  /** When the last look that was completed began, and when it ended. */
  #looked: { readonly began: Stamp; readonly ended: Stamp } | undefined;
  #total: number | undefined;
  #hasMore = false;
  /** There was no room for more: if there is now, the server may have some. */
  #wasFull = false;
  #news = new FeedNews();
  #isChanged = false;
  /** The first look did not come to pass at once. */
  #isDelayed = false;

  constructor(filter: ResolvedFilter, ports: FeedPorts) {
    this.#filter = filter;
    this.#ports = ports;
    this.#store = this.#newStore();
    this.#freshness = new FreshnessClock(ports.environment, {
      isChecking: () => this.isLoading,
      onChange: (freshness) => {
        this.#emitter.emit('freshness', freshness);
        this.changed();
      },
    });
  }

  get filter(): IncidentFilter {
    return this.#filter.filter;
  }

  get incidents(): readonly Incident[] {
    return this.#store.rows;
  }

  get known(): number {
    return this.#store.known;
  }

  get total(): number | undefined {
    return this.#total;
  }

  get isLoading(): boolean {
    return this.isOpen && !this.#looked && (this.#look !== undefined || !this.#isDelayed);
  }

  get hasMore(): boolean {
    return this.#hasMore;
  }

  get freshness(): Freshness {
    return this.#freshness.value;
  }

  get status(): IncidentStatus {
    return this.#ports.status;
  }

  get pending(): readonly PendingAction[] {
    return this.#ports.pending;
  }

  get clockAheadMs(): number {
    return this.#ports.clockAheadMs;
  }

  /** Somebody keeps it current. */
  get isOpen(): boolean {
    return this.#openers > 0;
  }

  /** It was looked at, at least once since it began. */
  get wasLookedAt(): boolean {
    return this.#looked !== undefined;
  }

  /** Rows went that had kept others out, which are not asked for yet. */
  get isShort(): boolean {
    return this.#wasFull && this.#store.size < this.#filter.limit;
  }

  get(id: string): Incident | undefined {
    return this.#store.get(id);
  }

  /** As the server has it. */
  base(id: string): Incident | undefined {
    return this.#store.base(id);
  }

  open(): Undo {
    if (this.#openers++ === 0) this.#ports.onWanted(this, true);
    let isOpen = true;
    return () => {
      if (isOpen && --this.#openers === 0) this.#ports.onWanted(this, false);
      isOpen = false;
    };
  }

  refresh(): Promise<void> {
    return this.#ports.refresh(this);
  }

  retryNow(): void {
    this.#ports.retryNow();
  }

  details(id: string, signal?: AbortSignal): Promise<IncidentDetails> {
    return this.#ports.details(id, signal);
  }

  act(action: IncidentAction): Promise<ActionReceipt> {
    return this.#ports.act(action);
  }

  discard(actionId: string): Promise<boolean> {
    return this.#ports.discard(actionId);
  }

  retry(actionId: string): Promise<boolean> {
    return this.#ports.retry(actionId);
  }

  on<Name extends keyof IncidentFeedEvents>(
    event: Name,
    listener: (value: IncidentFeedEvents[Name]) => void,
  ): Undo {
    return this.#emitter.on(event, listener);
  }

  /** Looks at everything: now, or after the look that is under way; with `joins`, that one is good enough. */
  look(joins = false): Look {
    if (!this.#look) return this.#begin();
    if (joins) return this.#look;
    this.#nextLook ??= this.#after(this.#look);
    return this.#nextLook;
  }

  /** Gives up the look that is under way. */
  stopLooking(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#look = this.#nextLook = undefined;
    this.wake();
  }

  /** Nobody wants it any more: no timer is left. */
  rest(): void {
    this.stopLooking();
    this.#freshness.stop();
  }

  /** Incidents came by themselves at `heard`, on the monotonic clock. */
  told(incidents: readonly Incident[], heard: number): void {
    this.#merge(this.#store.apply(incidents, { heard }), 'event');
  }

  /** Incidents were asked for at `asked`, or the server does not have them any more. Returns the ids of those that changed. */
  followUp({ incidents, missing }: IncidentsById, asked: number): readonly string[] {
    const applied = this.#store.apply(incidents, { asked });
    if (this.#store.remove(missing).length > 0) this.changed();
    this.#merge(applied, 'follow-up');
    return applied.changed.map(({ id }) => id);
  }

  /**
   * A stream that is to be believed has said everything from `from` on, on the monotonic clock, up to `heard`. `since`: what
   * it said first is not read yet.
   */
  believe(from: number, heard: Stamp, since: Stamp | undefined): void {
    const looked = this.#looked;
    if (!looked || looked.began.monotonic < from || this.isShort) return;
    const isWaiting = since && since.monotonic < heard.monotonic;
    this.#freshness.prove(isWaiting ? since : heard, { at: looked.ended, validMs: LOOK_VALID_MS });
  }

  /** What people did that the server does not have yet. */
  overlay(
    actions: readonly IncidentAction[],
    applyAction: (incident: Incident, action: IncidentAction) => Incident,
  ): void {
    this.#store.overlay(actions, applyAction);
    this.changed();
  }

  /** Listeners hear of it, once in this turn. */
  changed(): void {
    if (this.#isChanged) return;
    this.#isChanged = true;
    queueMicrotask(() => this.#tell());
  }

  /** Time has passed, or the connection is in another state. */
  wake(): void {
    const { state } = this.status;
    this.#isDelayed ||= state === 'unsupported' || STATES[state].waits === true;
    this.#freshness.look();
    this.changed();
  }

  fail(error: RealtimeError): void {
    this.#emitter.emit('error', error);
  }

  /** Begins anew: nothing is known. */
  reset(): void {
    this.stopLooking();
    this.#store = this.#newStore();
    this.#news = new FeedNews();
    this.#looked = this.#total = undefined;
    this.#hasMore = this.#wasFull = this.#isDelayed = false;
    this.#freshness.reset();
    this.changed();
  }

  /** No timer or listener is left. */
  dispose(): void {
    this.rest();
    this.#emitter.clear();
  }

  #newStore(): IncidentStore {
    return new IncidentStore({ limit: this.#filter.limit, filter: this.#filter.matches });
  }

  #begin(): Look {
    let caughtUp: () => void = () => undefined;
    const isCaughtUp = new Promise<void>((resolve) => (caughtUp = resolve));
    const done = this.#walk(this.#stop.signal, caughtUp);
    const look: Look = { caughtUp: Promise.race([isCaughtUp, done]), done };
    this.#look = look;
    this.wake();
    const end = () => {
      if (this.#look !== look) return;
      this.#look = undefined;
      this.wake();
    };
    done.then(end, end);
    look.caughtUp.catch(() => undefined); // whoever waits has the same rejection from `done`
    return look;
  }

  #after(look: Look): Look {
    const { signal } = this.#stop;
    const next = look.done
      .catch(() => undefined) // its own callers hear of it
      .then(() => {
        if (signal.aborted) throw new RealtimeError('closed', 'The look was given up.');
        this.#nextLook = undefined;
        return this.#begin();
      });
    const caughtUp = next.then((begun) => begun.caughtUp);
    caughtUp.catch(() => undefined); // as above
    return { caughtUp, done: next.then((begun) => begun.done) };
  }

  async #walk(signal: AbortSignal, onCaughtUp: () => void): Promise<void> {
    const { environment, page, read, onLooked } = this.#ports;
    const began = stampOf(environment);
    const before = this.#looked?.began.monotonic;
    const lookedAt = this.#looked && this.#looked.began.wall + this.clockAheadMs;
    const news = this.#news;
    const { from, newest } = news.begin(began.monotonic);
    const ports = {
      environment,
      store: this.#store,
      filter: this.#filter,
      severe: severeOf(this.status),
      page,
      read,
    };
    const walked = await walk(
      {
        ...ports,
        onApplied: (applied, ids, asked) => {
          this.#merge(applied, 'look', lookedAt);
          // Older ones that had no room before are nothing that a stream would have told of.
          const fresh = applied.added.filter(({ createdAt }) => createdAt > newest.createdAt);
          const changes = [...fresh, ...applied.changed].map(({ id }) => id);
          onLooked(ids, asked, before === undefined ? [] : changes, before);
        },
      },
      { from, signal, onCaughtUp },
    );
    news.end(newest, walked.hasMore);
    this.#total = walked.total;
    this.#hasMore = walked.hasMore;
    this.#wasFull = walked.wasFull && walked.hasMore;
    this.#looked = { began, ended: stampOf(environment) };
    if (walked.isProof) this.#freshness.prove(began);
    this.changed();
  }

  #merge(applied: Applied, arrival: Arrival, lookedAt?: number): void {
    this.#wasFull ||= this.#store.size >= this.#filter.limit;
    this.#news.add(applied, arrival, this.#ports.environment.monotonicNow(), lookedAt);
    if (applied.added.length + applied.changed.length > 0) this.changed();
  }

  #tell(): void {
    this.#isChanged = false;
    const { received, updated } = this.#news.take();
    if (received.length > 0) this.#emitter.emit('received', received);
    if (updated.length > 0) this.#emitter.emit('updated', updated);
    this.#emitter.emit('change', undefined);
  }
}

/** What of the words that the server has for severities means that somebody has to get up. */
function severeOf({ capabilities }: IncidentStatus): readonly string[] {
  if (capabilities?.via !== 'graphql') return [];
  return capabilities.severities.filter((severity) => severityRank(severity) <= SEVERE);
}
