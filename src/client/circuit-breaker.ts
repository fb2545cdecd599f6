import { Emitter, type Undo } from '../protocol/emitter.ts';
import { RealtimeError, type ErrorCode } from '../protocol/errors.ts';
import type { Environment } from './environment.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** A breaker at one moment. */
export interface BreakerStatus {
  readonly state: BreakerState;
  /** Failures that count at present. */
  readonly failures: number;
  /** Milliseconds until an open one lets a probe through; else 0. */
  readonly waitMs: number;
}

export interface BreakerOptions {
  /** So many within the window open it, if at least half of the last `2 · failures` results were failures. */
  failures: number;
  /** How far back a result counts. */
  windowMs: number;
  /** How long it stays open at least; up to 20 % is added, so that breakers that opened together do not probe together. */
  openMs: number;
}

/** Leave to try once. The first call tells how it went; later ones do nothing, nor do those from before the last change of state. */
export interface Pass {
  succeed(): void;
  /** `error` decides whether it counts: see {@link CircuitBreaker}. */
  fail(error: unknown): void;
  /** It was not tried after all, or given up by whoever wanted it. */
  release(): void;
}

/** Codes of a way that does not work. */
const FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['network', 'timeout', 'server', 'protocol']);
/** Codes that only an answer of the server has. */
const ANSWERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unauthorized', 'forbidden', 'not-found']);

const HUB: BreakerOptions = { failures: 3, windowMs: 30_000, openMs: 15_000 };
const REST: BreakerOptions = { failures: 5, windowMs: 60_000, openMs: 30_000 };

interface BreakerEnvironment {
  monotonicNow(): number;
  random(): number;
}

interface Outcome {
  readonly at: number;
  readonly isFailure: boolean;
}

/** A probe that nobody settles makes room for another after this time. */
const PROBE_MS = 30_000;
/** What is asked of those who come while the one probe is under way. */
const PROBING_MS = 1_000;

/**
 * Stops trying a way that fails again and again, so that a server in trouble is left alone and callers hear at once.
 * Closed: everything passes. Open: nothing does. Half-open, from the end of the open time on: one probe, whose result
 * closes the breaker or opens it anew.
 *
 * What counts as a failure: `network`, `timeout`, `server` and `protocol`, that is no answer, statuses 408 and from 500 up,
 * and answers of something in between; also a rejection that is no `RealtimeError`. Another answer of the server, a refusal
 * too, shows that the way works. Errors of the page (`input`, `closed`, a failed sign-in, …) say nothing about it.
 *
 * There is no timer: time is looked at when somebody asks.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #environment: BreakerEnvironment;
  readonly #events = new Emitter<{ change: BreakerStatus }>();
  /** The last `2 · failures`, oldest first. */
  #results: Outcome[] = [];
  /** `undefined` while closed. */
  #openUntil: number | undefined;
  #probeSince: number | undefined;
  /** Grows when what is under way must not count any more. */
  #generation = 0;
  /** What the listeners know. */
  #told: string;

  constructor(options: BreakerOptions, environment: BreakerEnvironment) {
    this.#options = options;
    this.#environment = environment;
    this.#told = this.#face();
  }

  /** An open one whose time is over is half-open, whether or not anybody tried. */
  get state(): BreakerState {
    if (this.#openUntil === undefined) return 'closed';
    return this.#now < this.#openUntil ? 'open' : 'half-open';
  }

  /** See {@link BreakerStatus.waitMs}. */
  get waitMs(): number {
    return Math.max(0, (this.#openUntil ?? 0) - this.#now);
  }

  status(): BreakerStatus {
    return { state: this.state, failures: this.#count(), waitMs: this.waitMs };
  }

  /** Leave to try, or `undefined`: refused. Every pass wants to be settled. */
  begin(): Pass | undefined {
    const { state } = this;
    if (state !== 'closed') {
      const now = this.#now;
      const isProbing = this.#probeSince !== undefined && now - this.#probeSince < PROBE_MS;
      if (state === 'open' || isProbing) {
        this.#tell();
        return undefined;
      }
      this.#probeSince = now;
      this.#generation++;
    }
    const pass = this.#pass();
    this.#tell();
    return pass;
  }

  /** What `work` comes to. Rejects with `unavailable` and `retryAfterMs` without calling it while the breaker refuses. */
  async execute<Result>(work: () => Promise<Result>): Promise<Result> {
    const pass = this.begin();
    if (!pass) {
      const retryAfterMs = this.waitMs || PROBING_MS;
      throw new RealtimeError('unavailable', 'This failed again and again, and rests for a moment.', {
        retryAfterMs,
      });
    }
    try {
      const result = await work();
      pass.succeed();
      return result;
    } catch (error) {
      pass.fail(error);
      throw error;
    }
  }

  /** The network or the visitor gives a reason to look now: an open one lets its probe through at once. */
  hasten(): void {
    if (this.state === 'open') this.#openUntil = this.#now;
    this.#tell();
  }

  /**
   * Calls `listener` when any call finds or leaves another state or number of failures than it was told last. Time alone
   * tells nobody: whoever shows the end of the open time has `waitMs`.
   */
  on(event: 'change', listener: (status: BreakerStatus) => void): Undo {
    return this.#events.on(event, listener);
  }

  get #now(): number {
    return this.#environment.monotonicNow();
  }

  #pass(): Pass {
    let generation: number | undefined = this.#generation;
    const settle = (isFailure: boolean | undefined) => {
      const isCurrent = generation === this.#generation;
      generation = undefined;
      if (isCurrent) this.#settle(isFailure);
      this.#tell();
    };
    return {
      succeed: () => settle(false),
      fail: (error) => settle(isFailure(error)),
      release: () => settle(undefined),
    };
  }

  /** A result of the present generation; `undefined` is none at all. */
  #settle(isFailure: boolean | undefined): void {
    const { failures } = this.#options;
    const isProbe = this.#probeSince !== undefined;
    this.#probeSince = undefined;
    if (isFailure !== undefined) {
      this.#results = [...this.#results, { at: this.#now, isFailure }].slice(-2 * failures);
      if (isProbe && !isFailure) this.#close();
      else if (isFailure && (isProbe || this.#count() >= failures)) this.#open();
    }
  }

  #open(): void {
    this.#generation++;
    this.#openUntil = this.#now + this.#options.openMs * (1 + 0.2 * this.#environment.random());
  }

  #close(): void {
    this.#generation++;
    this.#openUntil = undefined;
    this.#results = [];
  }

  #count(): number {
    const from = this.#now - this.#options.windowMs;
    return this.#results.filter(({ at, isFailure }) => isFailure && at > from).length;
  }

  #tell(): void {
    const face = this.#face();
    if (face === this.#told) return;
    this.#told = face;
    this.#events.emit('change', this.status());
  }

  #face(): string {
    return `${this.state} ${this.#count()}`;
  }
}

type SharedPart = Pick<Environment, 'shared' | 'monotonicNow' | 'random'>;

/** Where a way leads, and which one it is. */
export interface BreakerKey {
  readonly serverUrl: string;
  readonly tenantId: string;
  readonly transport: 'hub' | 'rest' | 'sse' | 'incidents';
}

/** The breaker that all clients of this page have in common for one way of one tenant to one server. */
export function sharedBreaker(environment: SharedPart, key: BreakerKey): CircuitBreaker {
  const { serverUrl, tenantId, transport } = key;
  const name = JSON.stringify(['breaker', serverUrl, tenantId, transport]);
  let breaker = environment.shared.get(name) as CircuitBreaker | undefined;
  if (!breaker) {
    breaker = new CircuitBreaker(transport === 'hub' ? HUB : REST, environment);
    environment.shared.set(name, breaker);
  }
  return breaker;
}

/** Whether `error` tells against the way; `undefined` if it tells nothing about it. */
function isFailure(error: unknown): boolean | undefined {
  if (!(error instanceof RealtimeError)) {
    return error instanceof Error && error.name === 'AbortError' ? undefined : true;
  }
  const { code, status = 0, stored, service } = error;
  if (service) return undefined;
  // What was stored arrived, though the agent behind the server may have been too slow.
  if (stored === 'yes') return false;
  const isRefusal = status >= 400 && status < 500 && status !== 408;
  if (FAILURES.has(code)) return !isRefusal;
  return isRefusal || ANSWERS.has(code) ? false : undefined;
}
