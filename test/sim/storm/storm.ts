import { Random } from '../random.ts';
import type { Lost, Policy } from './policies.ts';

export interface Storm {
  readonly clients: number;
  /** Connections that the server admits in a second, once it is back. */
  readonly capacity: number;
  /** How long it refuses everybody, from the moment at which all clients lose it. */
  readonly outageMs: number;
  /** What each refusal asks to wait, in milliseconds. Default: refusals say nothing. */
  readonly retryAfterMs?: number;
  readonly seed: number;
}

/** How it went. Times are milliseconds after the server's return; rates are multiples of its capacity, over any second. */
export interface Aftermath {
  /** The highest rate of attempts while the server was away, and after it came back. */
  readonly peakAtDrop: number;
  readonly peakAfterReturn: number;
  readonly attemptsPerClient: number;
  /** When half of all clients were connected, and 99 %; `undefined`: never within half an hour. */
  readonly t50Ms: number | undefined;
  readonly t99Ms: number | undefined;
  /** Share of the clients that stopped trying without a connection. */
  readonly stranded: number;
  /** The highest rate of attempts that was reached in each second from the loss on. */
  readonly rates: readonly number[];
}

/** What our own policy has to reach, whether or not the server says how long to wait. */
const GOALS = { peakAtDrop: 13, peakAfterReturn: 8, attemptsPerClient: 4.5 };

/**
 * The goals that `after` misses, in words. How often everybody tries is judged for outages of up to 30 s. `slack` makes the
 * goals that much wider, for runs of so few clients that chance shows.
 */
export function missed(after: Aftermath, outageMs: number, slack = 1): string[] {
  const { peakAtDrop, peakAfterReturn, attemptsPerClient, stranded, t99Ms } = after;
  const found: string[] = [];
  if (peakAtDrop > slack * GOALS.peakAtDrop) found.push(`peak at drop ${peakAtDrop}`);
  if (peakAfterReturn > slack * GOALS.peakAfterReturn) found.push(`peak after return ${peakAfterReturn}`);
  if (outageMs <= 30_000 && attemptsPerClient > slack * GOALS.attemptsPerClient) {
    found.push(`${attemptsPerClient} attempts per client`);
  }
  if (stranded > 0 || t99Ms === undefined) found.push('clients that never came back');
  return found;
}

/** Share of the pages that somebody looks at. */
export const VISIBLE = 0.2;
const WATCHED_MS = 1_800_000;
const BUCKET_MS = 50;
const BUCKETS_A_SECOND = 1_000 / BUCKET_MS;
/** An attempt that fails takes a round trip. */
const FAILS_AFTER_MS = [20, 200] as const;

/**
 * All clients lose the server in the same moment and come back by `policy`. The server admits `capacity` a second, of a burst
 * as many as of one second, and refuses the rest at once. Events are kept in a calendar of 50 ms, one list of clients each.
 */
export function simulate(policy: Policy, storm: Storm): Aftermath {
  const { clients, capacity, outageMs, retryAfterMs } = storm;
  const source = new Random(storm.seed);
  const random = () => source.next();
  const buckets = Math.ceil((outageMs + WATCHED_MS) / BUCKET_MS);
  const first = new Int32Array(buckets).fill(-1);
  const next = new Int32Array(clients);
  const dueAt = new Float64Array(clients);
  const waited = new Float32Array(clients);
  const failed = new Uint16Array(clients);
  const attempts = new Uint32Array(buckets);
  const lost: Lost = { attempt: 0, hidden: false, sinceMs: 0, previousMs: 0, retryAfterMs: undefined };
  const visible = clients * VISIBLE;
  let stranded = 0;

  const plan = (client: number, nowMs: number): void => {
    lost.attempt = failed[client] ?? 0;
    lost.hidden = client >= visible;
    lost.sinceMs = nowMs;
    lost.previousMs = waited[client] ?? 0;
    const waitMs = policy.wait(lost, random);
    if (waitMs === Infinity) {
      stranded++;
      return;
    }
    waited[client] = waitMs;
    const at = nowMs + waitMs;
    const bucket = Math.floor(at / BUCKET_MS);
    dueAt[client] = at;
    if (bucket >= buckets) return; // still waiting when nobody watches any more
    next[client] = first[bucket] ?? -1;
    first[bucket] = client;
  };

  for (let client = 0; client < clients; client++) plan(client, 0);
  lost.retryAfterMs = retryAfterMs;
  const [shortest, longest] = FAILS_AFTER_MS;
  let permits = 0;
  let connected = 0;
  let made = 0;
  let t50Ms: number | undefined;
  let t99Ms: number | undefined;
  for (let bucket = 0; bucket < buckets && connected + stranded < clients; bucket++) {
    const sinceReturnMs = bucket * BUCKET_MS - outageMs;
    if (sinceReturnMs === 0) permits = capacity;
    else if (sinceReturnMs > 0) permits = Math.min(capacity, permits + capacity / BUCKETS_A_SECOND);
    for (let client = first[bucket] ?? -1; client >= 0; client = first[bucket] ?? -1) {
      first[bucket] = next[client] ?? -1;
      attempts[bucket] = (attempts[bucket] ?? 0) + 1;
      made++;
      if (permits >= 1) {
        permits--;
        connected++;
        continue;
      }
      failed[client] = (failed[client] ?? 0) + 1;
      plan(client, (dueAt[client] ?? 0) + shortest + (longest - shortest) * random());
    }
    if (t50Ms === undefined && connected >= clients * 0.5) t50Ms = sinceReturnMs;
    if (t99Ms === undefined && connected >= clients * 0.99) t99Ms = sinceReturnMs;
  }
  const returned = outageMs / BUCKET_MS;
  return {
    peakAtDrop: Math.max(0, ...rates(attempts.subarray(0, returned), capacity)),
    peakAfterReturn: Math.max(0, ...rates(attempts.subarray(returned), capacity)),
    attemptsPerClient: made / clients,
    t50Ms,
    t99Ms,
    stranded: stranded / clients,
    rates: rates(attempts, capacity),
  };
}

/** For each second, most attempts within any second that ends in it, in multiples of `capacity`. */
function rates(attempts: Uint32Array, capacity: number): number[] {
  const most = new Array<number>(Math.ceil(attempts.length / BUCKETS_A_SECOND)).fill(0);
  let sum = 0;
  for (const [bucket, count] of attempts.entries()) {
    sum += count - (attempts[bucket - BUCKETS_A_SECOND] ?? 0);
    const second = Math.floor(bucket / BUCKETS_A_SECOND);
    most[second] = Math.max(most[second] ?? 0, sum / capacity);
  }
  return most;
}
