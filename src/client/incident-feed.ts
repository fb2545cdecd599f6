import { Emitter, type Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { Incident, IncidentAction, IncidentDetails } from '../protocol/incident.ts';
import { severityRank } from '../protocol/incident-words.ts';
import type { IncidentPage, IncidentQuery, IncidentsById } from '../transports/incident-source.ts';
import { STATES } from './connection-states.ts';
import type { Environment } from './environment.ts';
import type { ResolvedFilter } from './incident-filter.ts';
import { ageMs, FreshnessClock, type Stamp, stampOf } from './incident-freshness.ts';
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

/** The creation time of the newest incident, by the server's clock, and when it was first heard of, on the monotonic one. */
interface Newest {
  readonly createdAt: number;
  readonly at: number;
}

/** One look at everything. */
export interface Look {
  /** What was missed is there. Rejects as `done` does. */
  readonly caughtUp: Promise<void>;
  /** Every row was seen. */
  readonly done: Promise<void>;
}

/**
 * A row that was created so long before another may be there later: the clocks of one server's parts differ, and what they
 * write takes its time.
 */
const OVERLAP_MS = 60_000;
/** How long a stream that is believed may stand for a look: until the next one is due. */
const LOOK_VALID_MS = 30_000;

/** `P0` and `P1`. */
const SEVERE = 1;
const isNews = (): boolean => true;

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
  /** The newest creation that was known when the last look began. */
  #from: Newest = { createdAt: Infinity, at: 0 };
  #newest: Newest = { createdAt: -Infinity, at: 0 };
  /** What was created later is news; the newest creation of the first page. */
  #horizon: number | undefined;
  #total: number | undefined;
  #hasMore = false;
  #received: Incident[] = [];
  #updated: Incident[] = [];
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
    this.#merge(this.#store.apply(incidents, { heard }), this.#horizon === undefined ? undefined : isNews);
  }

  /** Incidents were asked for at `asked`, or the server does not have them any more. Returns the ids of those that changed. */
  followUp({ incidents, missing }: IncidentsById, asked: number): readonly string[] {
    const applied = this.#store.apply(incidents, { asked });
    if (this.#store.remove(missing).length > 0) this.changed();
    // It was changed, which says little about when it was created.
    const isFresh = ({ createdAt, updatedAt }: Incident) =>
      createdAt > this.#since && updatedAt - createdAt < OVERLAP_MS;
    this.#merge(applied, this.#horizon === undefined ? undefined : isFresh);
    return applied.changed.map(({ id }) => id);
  }

  /** A stream that is to be believed has said everything up to `heard`. `since`: what it said first is not read yet. */
  believe(heard: Stamp, since: Stamp | undefined): void {
    if (!this.#looked || ageMs(this.#ports.environment, this.#looked.ended) > LOOK_VALID_MS) return;
    const isWaiting = since && since.monotonic < heard.monotonic;
    this.#freshness.prove(isWaiting ? since : heard);
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
    this.#looked = this.#horizon = this.#total = undefined;
    this.#from = { createdAt: Infinity, at: 0 };
    this.#newest = { createdAt: -Infinity, at: 0 };
    this.#hasMore = this.#isDelayed = false;
    this.#received = [];
    this.#updated = [];
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
    const newest = this.#newest;
    const overlapMs = Math.max(0, OVERLAP_MS - (began.monotonic - this.#from.at));
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
          // Older ones that had no room before are nothing that a stream would have told of.
          const news = applied.added.filter(({ createdAt }) => createdAt > newest.createdAt);
          this.#horizon ??= Math.max(-Infinity, ...applied.added.map(({ createdAt }) => createdAt));
          const isRecent = ({ createdAt }: Incident) => createdAt > this.#since;
          this.#merge(applied, before === undefined ? undefined : isRecent);
          const changes = [...news, ...applied.changed].map(({ id }) => id);
          onLooked(ids, asked, before === undefined ? [] : changes, before);
        },
      },
      { from: this.#from.createdAt - overlapMs, signal, onCaughtUp },
    );
    this.#from = before === undefined ? this.#newest : newest;
    this.#total = walked.total;
    this.#hasMore = walked.hasMore;
    this.#looked = { began, ended: stampOf(environment) };
    if (walked.isProof) this.#freshness.prove(began);
    this.changed();
  }

  /** What was created later is new. */
  get #since(): number {
    return (this.#horizon ?? -Infinity) - OVERLAP_MS;
  }

  /** Tells of what is new and what has changed; not of the first load, which has no `isNew`. */
  #merge({ added, changed }: Applied, isNew: ((incident: Incident) => boolean) | undefined): void {
    if (added.length + changed.length === 0) return;
    for (const incident of added) {
      if (incident.createdAt > this.#newest.createdAt) {
        this.#newest = { createdAt: incident.createdAt, at: this.#ports.environment.monotonicNow() };
      }
      if (isNew?.(incident)) this.#received.push(incident);
      // An old one that came into the filter; where it only had no room before, it is no news.
      else if (isNew && incident.updatedAt > this.#since + OVERLAP_MS) this.#updated.push(incident);
    }
    if (isNew) this.#updated.push(...changed);
    this.changed();
  }

  #tell(): void {
    this.#isChanged = false;
    const received = this.#received;
    const updated = this.#updated;
    this.#received = [];
    this.#updated = [];
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
