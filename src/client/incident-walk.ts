import { RealtimeError } from '../protocol/errors.ts';
import type { Incident } from '../protocol/incident.ts';
import type { IncidentPage, IncidentQuery, IncidentsById } from '../transports/incident-source.ts';
import type { Environment } from './environment.ts';
import type { ResolvedFilter } from './incident-filter.ts';
import type { Applied, IncidentStore } from './incident-store.ts';

/** What a walk needs. */
export interface WalkPorts {
  readonly environment: Pick<Environment, 'monotonicNow' | 'setTimer'>;
  readonly store: IncidentStore;
  readonly filter: ResolvedFilter;
  /** Severities that must not be missed, as the server calls them; empty where it cannot be asked for them alone. */
  readonly severe: readonly string[];
  page(query: IncidentQuery): Promise<IncidentPage>;
  read(ids: readonly string[], signal: AbortSignal): Promise<IncidentsById>;
  /** Rows were merged that were asked for at `asked`, on the monotonic clock. `ids` are those that the server told of. */
  onApplied(applied: Applied, ids: readonly string[], asked: number): void;
}

export interface WalkOptions {
  /** Everything created after that must be found, in milliseconds since 1970 by the server's clock. */
  readonly from: number;
  readonly signal: AbortSignal;
  /** What was missed is there; rows that have been there before may still have to be looked at. */
  onCaughtUp(): void;
}

/** What the server said about the whole. */
export interface Walked {
  readonly total: number | undefined;
  /** There are older ones than those that were read. */
  readonly hasMore: boolean;
  /** There was no room for more, at least for a while. */
  readonly wasFull: boolean;
  /** Every row was seen. If not: the server said something older than what it had told, or nothing at all. */
  readonly isProof: boolean;
}

const MAX_PAGE = 100;
/** So many requests follow one another at once. */
const SLICE = 10;
const SLICE_PAUSE_MS = 500;
/** Rows that one request for single incidents brings: a page that brings less is not worth its request. */
const BATCH = 9;
/** So often one look goes through everything, where rows that turned out to be gone had kept others out. */
const ROUNDS = 3;
/** Single incidents asked for at a time, which the source splits into as many requests as the server's limits need. */
const READ = 4 * BATCH;

/**
 * Looks at everything that is held, once: pages, newest first, until nothing new can come and every row was seen, then one by
 * one those that no page has. Every row is true as of a moment after the walk began when it resolves. Pages shift while
 * incidents come and go: what that hides from one walk is found by the next.
 */
export async function walk(ports: WalkPorts, options: WalkOptions, rounds = ROUNDS): Promise<Walked> {
  const { environment, store, filter } = ports;
  const { signal } = options;
  const since = environment.monotonicNow();
  const pageSize = Math.min(MAX_PAGE, filter.limit);
  const maxPages = Math.max(SLICE, 2 * Math.ceil(filter.limit / pageSize));
  const seen = new Set<string>();
  let requests = 0;
  let isCaughtUp = false;
  let total: number | undefined;
  let hasMore: boolean;
  let wasFull = store.size >= filter.limit;

  const turn = async (): Promise<number> => {
    if (requests > 0 && requests % SLICE === 0) {
      caughtUp(); // as far as it is good to wait for
      await pause(environment, SLICE_PAUSE_MS, signal);
    }
    if (signal.aborted) throw closed();
    requests++;
    return environment.monotonicNow();
  };
  const caughtUp = () => {
    if (!isCaughtUp) options.onCaughtUp();
    isCaughtUp = true;
  };
  const apply = (incidents: readonly Incident[], ids: readonly string[], asked: number) => {
    const applied = store.apply(incidents, { asked });
    wasFull ||= store.size >= filter.limit;
    ports.onApplied(applied, ids, asked);
  };

  for (let page = 0; ; page++) {
    const asked = await turn();
    const answer = await ports.page({ page, pageSize, ...filter.query, signal });
    if (signal.aborted) throw closed();
    const { incidents } = answer;
    const ids = incidents.map(({ id }) => id);
    const before = seen.size;
    for (const id of ids) seen.add(id);
    apply(incidents, ids, asked);
    if (page === 0) total = answer.total;
    hasMore = answer.hasMore;

    // A server that gives the same page again and again has no more.
    if (!hasMore || seen.size === before) break;
    const isPast = isSorted(incidents) && incidents.some(({ createdAt }) => createdAt <= options.from);
    if (page + 1 >= maxPages && !isWorth(ids, store)) break;
    if (isPast && store.size >= filter.limit) {
      if (store.reconcile(since, 1).length === 0 || !isWorth(ids, store)) break;
    }
  }
  // What is severe and still going on is shown however old it is.
  const severe = ports.severe.filter((one) => filter.query.severities?.includes(one) ?? true);
  if (hasMore && severe.length > 0) {
    const asked = await turn();
    const { incidents } = await ports.page({
      page: 0,
      pageSize,
      severities: severe,
      activeOnly: true,
      signal,
    });
    if (signal.aborted) throw closed();
    const ids = incidents.map(({ id }) => id);
    apply(incidents, ids, asked);
  }
  caughtUp();

  const left = store.reconcile(since);
  for (let from = 0; from < left.length; from += READ) {
    const asked = await turn();
    requests += READ / BATCH - 1;
    const ids = left.slice(from, from + READ);
    const { incidents, missing } = await ports.read(ids, signal);
    if (signal.aborted) throw closed();
    store.remove(missing);
    apply(incidents, ids, asked);
  }
  const isShort = wasFull && hasMore && store.size < filter.limit;
  if (isShort && rounds > 1) return walk(ports, options, rounds - 1);
  const isProof = !isShort && store.reconcile(since, 1).length === 0;
  return { total: filter.isWhole ? total : undefined, hasMore, wasFull, isProof };
}

/** Whether nothing newer can come on a later page. */
function isSorted(incidents: readonly Incident[]): boolean {
  return incidents.every(({ createdAt }, i) => i === 0 || incidents[i - 1]!.createdAt >= createdAt);
}

/** Whether the page brought as much of what is held as a request for single incidents would. */
function isWorth(ids: readonly string[], store: IncidentStore): boolean {
  return ids.filter((id) => store.base(id)).length >= Math.min(BATCH, ids.length);
}

function pause(environment: WalkPorts['environment'], delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(closed());
    };
    if (signal.aborted) return reject(closed());
    const cancel = environment.setTimer(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function closed(): RealtimeError {
  return new RealtimeError('closed', 'The look was given up.');
}
