/** A second breaker, written from the rules alone, and random interleavings that both have to answer alike. */
import { CircuitBreaker, type BreakerOptions, type Pass } from '../../src/client/circuit-breaker.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { Random } from '../sim/random.ts';

type Verdict = 'works' | 'fails' | 'nothing';

/** Ways in which a call can end, and what each says about the way it took. */
const ENDINGS: readonly (readonly [Verdict, unknown])[] = [
  ['fails', new RealtimeError('network', 'n')],
  ['fails', new RealtimeError('timeout', 't')],
  ['fails', new RealtimeError('server', 's', { status: 503 })],
  ['fails', new RealtimeError('timeout', 't', { status: 504 })],
  ['fails', new RealtimeError('timeout', 't', { status: 408 })],
  ['fails', new RealtimeError('protocol', 'a sign-in page', { status: 200 })],
  ['fails', new TypeError('Failed to fetch')],
  ['works', new RealtimeError('input', 'i', { status: 400 })],
  ['works', new RealtimeError('unauthorized', 'u', { status: 401 })],
  ['works', new RealtimeError('forbidden', 'f')],
  ['works', new RealtimeError('rate-limited', 'r', { status: 429, retryAfterMs: 5_000 })],
  ['works', new RealtimeError('protocol', 'p', { status: 405 })],
  ['works', new RealtimeError('timeout', 'the agent', { status: 408, stored: 'yes' })],
  ['nothing', new RealtimeError('closed', 'c')],
  ['nothing', new RealtimeError('input', 'not sent')],
  ['nothing', new RealtimeError('rate-limited', 'paced here', { retryAfterMs: 9_000 })],
  ['nothing', new RealtimeError('unavailable', 'another breaker')],
  ['nothing', new RealtimeError('network', 'token source', { service: 'sign-in' })],
  ['nothing', new DOMException('Aborted', 'AbortError')],
];

/** Keeps every result for ever and moves by the clock, where the real one keeps few and looks at the clock. */
class ReferenceBreaker {
  now = 0;
  mode: 'closed' | 'open' | 'half-open' = 'closed';
  readonly options: BreakerOptions;
  readonly #random: Random;
  #probeAllowedAt = 0;
  /** Passes whose result matters. */
  #alive = new Set<number>();
  #probe: { readonly id: number; readonly since: number } | undefined;
  #log: { readonly at: number; readonly failed: boolean }[] = [];

  constructor(options: BreakerOptions, random: Random) {
    this.options = options;
    this.#random = random;
  }

  get failures(): number {
    const recent = this.#log.slice(Math.max(0, this.#log.length - 2 * this.options.failures));
    return recent.filter((entry) => entry.failed && entry.at > this.now - this.options.windowMs).length;
  }

  get waitMs(): number {
    return this.mode === 'open' ? this.#probeAllowedAt - this.now : 0;
  }

  pass(ms: number): void {
    this.now += ms;
    if (this.mode === 'open' && this.now >= this.#probeAllowedAt) this.mode = 'half-open';
  }

  begin(id: number): boolean {
    if (this.mode === 'open') return false;
    if (this.mode === 'half-open') {
      if (this.#probe && this.now - this.#probe.since < 30_000) return false;
      this.#probe = { id, since: this.now };
      this.#alive.clear();
    }
    this.#alive.add(id);
    return true;
  }

  settle(id: number, verdict: Verdict): void {
    if (!this.#alive.delete(id)) return;
    const isProbe = this.#probe?.id === id;
    if (isProbe) this.#probe = undefined;
    if (verdict === 'nothing') return;
    this.#log.push({ at: this.now, failed: verdict === 'fails' });
    if (isProbe && verdict === 'works') {
      this.mode = 'closed';
      this.#log = [];
      this.#alive.clear();
    } else if (verdict === 'fails' && (isProbe || this.failures >= this.options.failures)) {
      this.mode = 'open';
      this.#alive.clear();
      this.#probeAllowedAt = this.now + this.options.openMs * (1 + 0.2 * this.#random.next());
    }
  }

  hasten(): void {
    if (this.mode !== 'open') return;
    this.#probeAllowedAt = this.now;
    this.mode = 'half-open';
  }
}

/** One schedule. Returns its steps up to the first one after which the two differ; `undefined` if they never do. */
export function differenceIn(seed: number): string[] | undefined {
  const random = new Random(seed);
  const options: BreakerOptions = {
    failures: 1 + Math.floor(random.next() * 5),
    windowMs: random.chance(0.5) ? 30_000 : 60_000,
    openMs: random.chance(0.5) ? 15_000 : 30_000,
  };
  const jitter = Math.floor(random.next() * 1e9);
  const reference = new ReferenceBreaker(options, new Random(jitter));
  const ours = new Random(jitter);
  const environment = { monotonicNow: () => reference.now, random: () => ours.next() };
  const breaker = new CircuitBreaker(options, environment);
  const told: string[] = [];
  breaker.on('change', (status) => told.push(JSON.stringify(status)));

  const passes: Pass[] = [];
  const ids: number[] = [];
  const steps: string[] = [JSON.stringify(options)];
  const steadiness = random.next();
  let known = 'closed 0';
  let number = 0;
  const length = 8 + Math.floor(random.next() * 40);
  for (let step = 0; step < length; step++) {
    const before = told.length;
    const chance = random.next();
    let isCall = true;
    if (chance < 0.38) {
      const id = number++;
      const pass = breaker.begin();
      const allowed = reference.begin(id);
      steps.push(`begin ${id}: ${allowed}`);
      if (allowed !== (pass !== undefined))
        return [...steps, `but it was ${pass ? 'let through' : 'refused'}`];
      if (pass) {
        passes.push(pass);
        ids.push(id);
      }
    } else if (chance < 0.72) {
      if (passes.length === 0) continue;
      // Mostly the latest; else any, also one that was settled or overtaken long ago.
      const which = random.chance(0.6) ? passes.length - 1 : Math.floor(random.next() * passes.length);
      steps.push(settle(random, reference, ids[which] ?? 0, passes[which], steadiness));
    } else if (chance < 0.96) {
      const ms = stepMs(random, options, reference.waitMs);
      reference.pass(ms);
      steps.push(`${ms} ms`);
      isCall = false;
    } else {
      breaker.hasten();
      reference.hasten();
      steps.push('hasten');
    }
    const { mode, failures, waitMs } = reference;
    const expected = JSON.stringify({ state: mode, failures, waitMs });
    const actual = JSON.stringify(breaker.status());
    if (actual !== expected) return [...steps, `expected ${expected}`, `but it is ${actual}`];
    // A call that leaves something else behind than the last one tells so, once. Time tells nobody.
    const news = told.slice(before);
    const view = `${mode} ${failures}`;
    const isNews = isCall && view !== known;
    if (isCall) known = view;
    if (news.length !== Number(isNews) || (isNews && news[0] !== expected)) {
      return [...steps, `listeners should hear ${isNews ? expected : 'nothing'}`, `but heard ${news.join()}`];
    }
  }
  return undefined;
}

function settle(
  random: Random,
  reference: ReferenceBreaker,
  id: number,
  pass: Pass | undefined,
  steadiness: number,
): string {
  const chance = random.next();
  if (chance < 0.08) {
    pass?.release();
    reference.settle(id, 'nothing');
    return `release ${id}`;
  }
  if (chance < 0.08 + 0.5 * steadiness) {
    pass?.succeed();
    reference.settle(id, 'works');
    return `succeed ${id}`;
  }
  const [verdict, error] =
    ENDINGS[Math.floor(random.next() ** 1.5 * ENDINGS.length)] ?? (['fails', undefined] as const);
  pass?.fail(error);
  reference.settle(id, verdict);
  return `fail ${id} (${verdict})`;
}

/** Steps that fall on, just before and just after the moments at which something changes. */
function stepMs(random: Random, { windowMs, openMs }: BreakerOptions, waitMs: number): number {
  const marks = [0, 1, 500, 4_000, openMs, windowMs, 30_000, waitMs, waitMs, openMs / 2, windowMs - openMs];
  const mark = marks[Math.floor(random.next() * marks.length)] ?? 0;
  return random.chance(0.4) ? mark : Math.max(0, Math.round(mark) + Math.floor(random.next() * 3) - 1);
}
