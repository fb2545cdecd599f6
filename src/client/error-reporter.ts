import { backoff } from '../protocol/backoff.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';
import { defaultEnvironment, type Environment, type LifecycleEvent } from './environment.ts';
import type { ErrorClass } from './error-class.ts';
import { describeError, type ErrorContext, type ErrorFacts } from './error-report.ts';
import { harmlessUrl } from './harmless-place.ts';
import { post, postLast } from './post.ts';
import { VERSION } from './version.ts';

/** An error, and how often it happened. Plain data, redacted. */
export interface ErrorReport extends ErrorFacts {
  readonly count: number;
  /** Milliseconds since 1970 of the first and the last time. */
  readonly first: number;
  readonly last: number;
}

/** What is posted, as JSON. */
export interface ErrorBatch {
  /** Of this library. */
  readonly version: string;
  /** Origin and path of the page, ids in it as `:id`. */
  readonly page?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly sampleRate: number;
  /** Errors that were counted here but never posted, since the page was opened. */
  readonly dropped: number;
  /** Counted since the last batch. */
  readonly reports: readonly ErrorReport[];
}

/** What a page may show of its errors. */
export interface ErrorSummary {
  /** Errors since `since`; what was cancelled is none. */
  readonly total: number;
  readonly byClass: Readonly<Partial<Record<ErrorClass, number>>>;
  /** Different ones that are kept. */
  readonly groups: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Errors that will not be posted although there is an address: too many different ones, or refused there. */
  readonly dropped: number;
}

export interface ErrorReporterOptions {
  readonly environment?: Environment;
  /** Where batches are posted; absolute, or relative to the page. Default: nowhere, they are only kept. */
  readonly url?: string;
  /** Share of the different errors of a page that are posted, 0 to 1; drawn once for each. Default 1. */
  readonly sampleRate?: number;
  /** Milliseconds between an error and the batch that it goes with, half as many to half as many more. Default 10,000. */
  readonly flushMs?: number;
  /** How many different errors are kept; then the one not seen for longest goes. Default 100. */
  readonly limit?: number;
}

/** The part of a `HybridClient` that a reporter listens to. */
export interface ErrorSource {
  on(event: 'error', listener: (error: RealtimeError) => void): Undo;
}

interface Group {
  readonly facts: ErrorFacts;
  readonly first: number;
  readonly isSampled: boolean;
  count: number;
  last: number;
  /** Times that no batch has told of yet, and when the first of them was. */
  unsent: number;
  unsentSince: number;
}

const FLUSH_MS = 10_000;
const LIMIT = 100;
/** Keeps a batch below what a browser sends for a page that goes. */
const BATCH_SIZE = 30;
/** A collector that fails is asked more and more rarely, down to every 43 minutes. */
const MAX_DOUBLINGS = 8;

/**
 * Keeps, counts and posts errors, without anything that could be a secret: see {@link ErrorFacts}. Equal ones (by class, code,
 * name, sentence, place and context) are one report with a count. It prints nothing, throws nothing and never reports
 * itself; what cannot be posted waits, offline without any attempt.
 */
export class ErrorReporter {
  readonly #environment: Environment;
  readonly #options: ErrorReporterOptions;
  readonly #since: number;
  /** By what makes errors equal; the one not seen for longest first. */
  readonly #groups = new Map<string, Group>();
  readonly #byClass: Partial<Record<ErrorClass, number>> = {};
  readonly #undo = new Set<Undo>();
  readonly #stop = new AbortController();
  #total = 0;
  #dropped = 0;
  #failures = 0;
  /** On the monotonic clock. */
  #pausedUntil = -Infinity;
  #cancelTimer: Undo | undefined;
  #posting: Promise<void> | undefined;

  constructor(options: ErrorReporterOptions = {}) {
    this.#options = options;
    this.#environment = options.environment ?? defaultEnvironment();
    this.#since = this.#environment.now();
    if (options.url) this.#undo.add(this.#environment.onLifecycle((event) => this.#onLifecycle(event)));
  }

  /** Takes whatever was thrown. Never throws. */
  report(error: unknown, context?: ErrorContext): void {
    try {
      const facts = describeError(error, context);
      if (facts) this.#count(facts);
    } catch {
      this.#dropped++; // Not even this may reach the page: whoever reports an error has trouble enough.
    }
  }

  /** Reports what `client` tells of on `error`, until the undo runs. */
  attach(client: ErrorSource): Undo {
    const undo = client.on('error', (error) => this.report(error));
    this.#undo.add(undo);
    return () => {
      this.#undo.delete(undo);
      undo();
    };
  }

  /** Copies of what is kept, the one not seen for longest first. */
  get reports(): readonly ErrorReport[] {
    return [...this.#groups.values()].map(({ facts, count, first, last }) => ({
      ...facts,
      count,
      first,
      last,
    }));
  }

  summary(): ErrorSummary {
    return {
      total: this.#total,
      byClass: { ...this.#byClass },
      groups: this.#groups.size,
      since: this.#since,
      dropped: this.#dropped,
    };
  }

  /** Posts one batch now, without waiting for its time. Resolves when that has come to an end, well or not. */
  async flush(): Promise<void> {
    await (this.#posting ?? this.#post());
  }

  /** Hands what is left to the browser, and leaves no timer, listener or request. */
  dispose(): void {
    if (this.#stop.signal.aborted) return;
    this.#leave();
    this.#stop.abort();
    this.#cancelTimer?.();
    for (const undo of this.#undo) undo();
  }

  #count(facts: ErrorFacts): void {
    const { limit = LIMIT, sampleRate = 1, url } = this.#options;
    const now = this.#environment.now();
    const { class: kind, code, name, message, frames, transport, operation } = facts;
    const key = JSON.stringify([kind, code, name, message, frames[0], transport, operation]);
    const group = this.#groups.get(key) ?? {
      facts,
      first: now,
      isSampled: url !== undefined && this.#environment.random() < sampleRate,
      count: 0,
      last: now,
      unsent: 0,
      unsentSince: now,
    };
    this.#total++;
    this.#byClass[kind] = (this.#byClass[kind] ?? 0) + 1;
    group.count++;
    group.last = now;
    if (group.isSampled && group.unsent++ === 0) group.unsentSince = now;
    // To the end, away from the one that goes first.
    this.#groups.delete(key);
    this.#groups.set(key, group);
    const [oldest] = this.#groups.keys();
    if (this.#groups.size > limit && oldest !== undefined) {
      this.#dropped += this.#groups.get(oldest)?.unsent ?? 0;
      this.#groups.delete(oldest);
    }
    this.#schedule();
  }

  #onLifecycle(event: LifecycleEvent): void {
    if (event === 'hidden' || event === 'frozen') this.#leave();
    if (event === 'online') this.#schedule();
  }

  #schedule(): void {
    const environment = this.#environment;
    if (this.#cancelTimer || this.#posting || this.#stop.signal.aborted) return;
    if (!environment.isOnline() || this.#next().length === 0) return;
    const { flushMs = FLUSH_MS } = this.#options;
    const delayMs = Math.max(flushMs * (0.5 + environment.random()), this.#pausedMs);
    this.#cancelTimer = environment.setTimer(() => {
      this.#cancelTimer = undefined;
      void this.#post(); // never rejects
    }, delayMs);
  }

  /** How long the collector is to be left alone. */
  get #pausedMs(): number {
    return this.#pausedUntil - this.#environment.monotonicNow();
  }

  /** What the next batch tells of. */
  #next(): Group[] {
    return [...this.#groups.values()].filter(({ unsent }) => unsent > 0).slice(0, BATCH_SIZE);
  }

  async #post(): Promise<void> {
    const { url } = this.#options;
    const groups = this.#next();
    // Offline it waits for `online`.
    if (!url || groups.length === 0 || !this.#environment.isOnline() || this.#stop.signal.aborted) return;
    this.#posting = this.#send(url, groups);
    await this.#posting;
  }

  async #send(url: string, groups: readonly Group[]): Promise<void> {
    const taken = groups.map((group) => [group, group.unsent, group.unsentSince] as const);
    const body = this.#batch(groups);
    for (const group of groups) group.unsent = 0;
    const failure = await post(this.#environment, { url, body }, this.#stop.signal);
    this.#posting = undefined;
    if (failure) {
      this.#pause(failure);
      for (const [group, count, since] of taken) {
        // A refusal would be repeated for ever, and what is forgotten by now has no place to go back to.
        if (failure.retryable && this.#keeps(group)) {
          group.unsent += count;
          group.unsentSince = since;
        } else this.#dropped += count;
      }
    } else this.#failures = 0;
    this.#schedule();
  }

  #pause({ retryAfterMs = 0 }: RealtimeError): void {
    const { flushMs = FLUSH_MS } = this.#options;
    const environment = this.#environment;
    const pauseMs = flushMs * 2 ** Math.min(++this.#failures, MAX_DOUBLINGS);
    this.#pausedUntil =
      environment.monotonicNow() +
      backoff(0, { random: () => environment.random(), retryAfterMs: Math.max(pauseMs, retryAfterMs) });
  }

  /** The page may be gone the next moment. */
  #leave(): void {
    const { url } = this.#options;
    const groups = this.#next();
    if (!url || groups.length === 0 || !this.#environment.isOnline() || this.#pausedMs > 0) return;
    if (!postLast(this.#environment, { url, body: this.#batch(groups) })) return;
    for (const group of groups) group.unsent = 0;
  }

  #batch(groups: readonly Group[]): string {
    const { sampleRate = 1 } = this.#options;
    const page = harmlessUrl(this.#environment.location?.href ?? '');
    const batch: ErrorBatch = {
      version: VERSION,
      ...(page && { page }),
      at: this.#environment.now(),
      sampleRate,
      dropped: this.#dropped,
      reports: groups.map(({ facts, unsent, unsentSince, last }) => ({
        ...facts,
        count: unsent,
        first: unsentSince,
        last,
      })),
    };
    return JSON.stringify(batch);
  }

  #keeps(group: Group): boolean {
    return [...this.#groups.values()].includes(group);
  }
}
