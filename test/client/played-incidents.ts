import assert from 'node:assert/strict';
import type { Environment, LifecycleEvent } from '../../src/client/environment.ts';
import { Incidents, type IncidentCredentials } from '../../src/client/incident-client.ts';
import type { IncidentFeed, IncidentFilter } from '../../src/client/incident-types.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import { RealtimeError, type ErrorCode, type RealtimeErrorOptions } from '../../src/protocol/errors.ts';
import type {
  Incident,
  IncidentAction,
  IncidentCapabilities,
  IncidentDetails,
  IncidentEvent,
} from '../../src/protocol/incident.ts';
import { byNewest, phaseOf } from '../../src/protocol/incident-words.ts';
import type {
  IncidentPage,
  IncidentQuery,
  IncidentsById,
  IncidentSource,
  IncidentSourceEvents,
} from '../../src/transports/incident-source.ts';
import type { TransportState } from '../../src/transports/transport.ts';
import { HandClock, settled } from './hand-clock.ts';
import { incident } from './incidents.ts';

/** One version of an incident, or that it is not there, from a moment on. */
interface Version {
  readonly from: number;
  readonly incident: Incident | undefined;
}

/** What a request of the source was about. */
export interface Asked {
  readonly what: 'probe' | 'page' | 'read' | 'connect' | 'details' | 'ping';
  /** On the monotonic clock. */
  readonly at: number;
  readonly page?: number;
  readonly ids?: readonly string[];
}

const PING_MS = 10_000;
const PONG_MS = 5_000;

/** An incident manager and the way to it, played by hand: it answers late or never, and tells what it wants to. */
export class PlayedSource implements IncidentSource {
  readonly clock: HandClock;
  readonly events = new Emitter<IncidentSourceEvents>();
  readonly versions = new Map<string, Version[]>();
  readonly asked: Asked[] = [];
  /** What it is. `none`: no incident manager at all. */
  kind: 'graphql' | 'rest' | 'none' = 'graphql';
  /** Between a question and its answer. The server looks in the middle. */
  latencyMs = 20;
  /** Requests fail with this, or are never answered. */
  failing: RealtimeError | 'hang' | undefined;
  /** Attempts to open the stream fail with this, or are never answered. */
  refusing: RealtimeError | 'hang' | undefined;
  /** Nothing comes through an open stream any more, and nobody says so. */
  isMuted = false;
  /** Milliseconds between heartbeats. 0: none. */
  beatMs = 0;
  /** Milliseconds until an event arrives. 0: at once. */
  eventMs = 10;
  /** The server's clock is ahead of this machine's. */
  aheadMs = 0;
  state: TransportState = 'idle';
  serverClockAheadMs = 0;
  via: 'graphql' | 'rest' | undefined;
  isDisposed = false;
  actions: IncidentAction[] = [];
  /** Requests and attempts that nobody has answered. */
  underWay = 0;
  #all: Incident[] | undefined;
  #stream = 0;
  #serial = 0;

  constructor(clock: HandClock) {
    this.clock = clock;
  }

  // ——— the server

  /** By the server's clock. */
  get serverNow(): number {
    return this.clock.monotonicNow() + Date.UTC(2026, 0, 1) + this.aheadMs;
  }

  get all(): Incident[] {
    return (this.#all ??= [...this.versions.keys()].flatMap((id) => this.now(id) ?? []).sort(byNewest));
  }

  now(id: string): Incident | undefined {
    return this.versions.get(id)?.at(-1)?.incident;
  }

  create(parts: Partial<Incident> = {}, isTold = true): Incident {
    const id = parts.id ?? `incident-${String(++this.#serial).padStart(6, '0')}`;
    const at = this.serverNow;
    const created = { ...incident(id, 0, parts), createdAt: at, updatedAt: at, ...parts, id };
    this.#set(id, created);
    if (isTold) this.tell({ kind: 'created', incident: created });
    return created;
  }

  /** Many that have been there for a while, `apartMs` between two. */
  seed(count: number, apartMs = 120_000, parts: (i: number) => Partial<Incident> = () => ({})): void {
    for (let i = 0; i < count; i++) {
      const createdAt = this.serverNow - (i + 1) * apartMs;
      this.create({ createdAt, updatedAt: createdAt, ...parts(i) }, false);
    }
  }

  update(id: string, parts: Partial<Incident>, isTold = true): void {
    const before = this.now(id);
    assert.ok(before, id);
    const state = parts.state ?? before.state;
    this.#set(id, { ...before, updatedAt: this.serverNow, ...parts, state, phase: phaseOf(state) });
    if (isTold) this.told(id);
  }

  remove(id: string): void {
    this.#set(id, undefined);
  }

  told(id: string, updateType = 'UPDATED'): void {
    this.tell({ kind: 'changed', incidentId: id, updateType, timestamp: this.serverNow });
  }

  tell(event: IncidentEvent): void {
    const stream = this.#stream;
    const arrive = () => {
      if (stream !== this.#stream || this.state !== 'open' || this.isMuted) return;
      this.events.emit('alive', undefined);
      this.events.emit('event', event);
    };
    if (this.eventMs === 0) arrive();
    else this.clock.later(this.eventMs, arrive);
  }

  /** The stream ends, with word of it. */
  cut(error = failure('network')): void {
    if (this.state === 'open') this.#to('closed', error);
  }

  #set(id: string, version: Incident | undefined): void {
    const versions = this.versions.get(id) ?? [];
    versions.push({ from: this.clock.monotonicNow(), incident: version });
    this.versions.set(id, versions);
    this.#all = undefined;
  }

  // ——— the way to it

  probe(signal?: AbortSignal): Promise<IncidentCapabilities> {
    return this.#answer({ what: 'probe' }, signal, () => {
      if (this.kind === 'none') throw failure('unsupported');
      this.via = this.kind;
      return {
        via: this.kind,
        actions: new Set(['acknowledge'] as const),
        timeline: false,
        severities: ['P0', 'P1', 'P2', 'P3', 'P4'],
      };
    });
  }

  page({ page, pageSize, severities, activeOnly, signal }: IncidentQuery): Promise<IncidentPage> {
    return this.#answer({ what: 'page', page }, signal, () => {
      this.#mustBe();
      const rows = this.all.filter(
        ({ severity, phase }) =>
          (!severities || severities.includes(severity)) && !(activeOnly && phase === 'done'),
      );
      const incidents = rows.slice(page * pageSize, (page + 1) * pageSize);
      const hasMore = rows.length > (page + 1) * pageSize;
      return { incidents, total: rows.length, hasMore, malformed: 0 };
    });
  }

  read(ids: readonly string[], signal?: AbortSignal): Promise<IncidentsById> {
    return this.#answer({ what: 'read', ids }, signal, () => {
      this.#mustBe();
      return {
        incidents: ids.flatMap((id) => this.now(id) ?? []),
        missing: ids.filter((id) => !this.now(id)),
      };
    });
  }

  details(id: string, signal?: AbortSignal): Promise<IncidentDetails> {
    return this.#answer({ what: 'details', ids: [id] }, signal, () => {
      const found = this.now(id);
      if (!found) throw failure('not-found');
      return { incident: found, timeline: undefined, resolution: undefined, labels: [] };
    });
  }

  async act(action: IncidentAction): Promise<Incident> {
    this.actions.push(action);
    this.update(action.id, { state: 'TRIAGED' }, false);
    return Promise.resolve(this.now(action.id) ?? incident(action.id, 0));
  }

  async connect(signal?: AbortSignal): Promise<void> {
    assert.notEqual(this.state, 'open', 'one stream at a time');
    this.asked.push({ what: 'connect', at: this.clock.monotonicNow() });
    this.#to('connecting');
    try {
      await this.#later(this.refusing, signal, () => {
        if (this.kind !== 'graphql') throw failure('not-found');
      });
    } catch (error) {
      this.#to('closed', error as RealtimeError);
      throw error;
    }
    const stream = ++this.#stream;
    this.#to('open');
    this.#ping(stream);
    this.#beat(stream, true);
  }

  async ping(): Promise<number> {
    this.asked.push({ what: 'ping', at: this.clock.monotonicNow() });
    if (this.state !== 'open') throw failure('network');
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      this.clock.later(this.latencyMs, () => {
        if (stream !== this.#stream || this.isMuted) return;
        this.events.emit('alive', undefined);
        resolve(this.latencyMs);
      });
      this.clock.later(PONG_MS, () => {
        reject(failure('timeout'));
        if (stream === this.#stream && this.isMuted) this.cut(failure('timeout'));
      });
    });
  }

  disconnect(): Promise<void> {
    this.#stream++;
    if (this.state !== 'idle') this.#to('closed');
    return Promise.resolve();
  }

  on<Name extends keyof IncidentSourceEvents>(
    event: Name,
    listener: (value: IncidentSourceEvents[Name]) => void,
  ) {
    return this.events.on(event, listener);
  }

  async dispose(): Promise<void> {
    await this.disconnect();
    this.isDisposed = true;
  }

  #mustBe(): void {
    if (this.kind !== this.via) throw failure('not-found');
  }

  #to(state: TransportState, error?: RealtimeError): void {
    const previous = this.state;
    if (previous === state) return;
    this.state = state;
    if (previous === 'open') this.#stream++;
    this.events.emit('state', error ? { state, previous, error } : { state, previous });
    if (previous === 'open' && error) this.events.emit('error', error);
  }

  #ping(stream: number): void {
    this.clock.later(PING_MS, () => {
      if (stream !== this.#stream) return;
      if (!this.isMuted) this.events.emit('alive', undefined);
      else
        this.clock.later(
          PONG_MS,
          () => stream === this.#stream && this.isMuted && this.cut(failure('timeout')),
        );
      this.#ping(stream);
    });
  }

  #beat(stream: number, isFirst = false): void {
    this.clock.later(isFirst ? 1 : this.beatMs || 1_000, () => {
      if (stream !== this.#stream) return;
      if (!this.isMuted && this.beatMs > 0) {
        this.events.emit('alive', undefined);
        this.events.emit('event', { kind: 'heartbeat', timestamp: this.serverNow });
      }
      this.#beat(stream);
    });
  }

  #answer<Result>(
    asked: Omit<Asked, 'at'>,
    signal: AbortSignal | undefined,
    look: () => Result,
  ): Promise<Result> {
    this.asked.push({ ...asked, at: this.clock.monotonicNow() });
    return this.#later(this.failing, signal, look);
  }

  /** What `look` gives in the middle of the time that it takes; whether the way fails is decided at once. */
  #later<Result>(
    failing: RealtimeError | 'hang' | undefined,
    signal: AbortSignal | undefined,
    look: () => Result,
  ): Promise<Result> {
    this.underWay++;
    let onAbort = (): void => undefined;
    const answered = new Promise<Result>((resolve, reject) => {
      onAbort = () => reject(failure('closed'));
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort);
      if (failing === 'hang') {
        this.clock.later(10_000, () => reject(failure('timeout')));
        return;
      }
      this.clock.later(this.latencyMs / 2, () => {
        try {
          if (failing) throw failing;
          const result = look();
          this.clock.later(this.latencyMs / 2, () => resolve(result));
        } catch (error) {
          this.clock.later(this.latencyMs / 2, () => reject(error));
        }
      });
    });
    const over = () => {
      this.underWay--;
      signal?.removeEventListener('abort', onAbort);
    };
    answered.then(over, over);
    return answered;
  }
}

/** A client of a played server, on a page that a test plays. */
export class PlayedIncidents {
  readonly clock = new HandClock();
  readonly source = new PlayedSource(this.clock);
  readonly incidents: Incidents;
  readonly environment: Environment;
  readonly errors: RealtimeError[] = [];
  online = true;
  visible = true;
  random = (): number => 0.5;
  renewals = 0;
  renews: boolean | RealtimeError = true;
  readonly #listeners = new Set<(event: LifecycleEvent) => void>();

  constructor({ hasCredentials = false } = {}) {
    this.environment = {
      ...this.clock.environment,
      random: () => this.random(),
      isOnline: () => this.online,
      isVisible: () => this.visible,
      shared: new Map(),
      onLifecycle: (listener: (event: LifecycleEvent) => void) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    } as Partial<Environment> as Environment;
    const credentials: IncidentCredentials = {
      getToken: () => Promise.resolve('token'),
      onRefused: () => undefined,
      renew: async () => {
        this.renewals++;
        if (this.renews instanceof RealtimeError) throw this.renews;
        return Promise.resolve(this.renews);
      },
    };
    this.incidents = new Incidents({
      incidentsUrl: 'http://incidents.test',
      environment: this.environment,
      ...(hasCredentials && { credentials }),
      participantId: () => 'jane',
      onError: (error) => this.errors.push(error),
      source: this.source,
    });
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Requests of one kind since `at`. */
  count(what: Asked['what'], since = -Infinity): number {
    return this.source.asked.filter((asked) => asked.what === what && asked.at >= since).length;
  }

  play(event: LifecycleEvent): void {
    if (event === 'visible' || event === 'hidden') this.visible = event === 'visible';
    if (event === 'online' || event === 'offline') this.online = event === 'online';
    for (const listener of this.#listeners) listener(event);
  }

  /** A feed that is open, once what can be done at once is done. */
  async open(filter?: IncidentFilter, ms = 100): Promise<IncidentFeed> {
    const feed = this.incidents.feed(filter);
    feed.open();
    await this.pass(ms);
    return feed;
  }

  pass(ms: number): Promise<void> {
    return this.clock.pass(ms);
  }

  /** What `work` comes to, as time goes by. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const over = () => void (isDone = true);
    work.then(over, over);
    await this.until(() => isDone, 'the end of a call', 60_000, 20);
    return work;
  }

  async until(condition: () => boolean, what: string, limitMs = 600_000, stepMs = 100): Promise<number> {
    const from = this.clock.monotonicNow();
    await settled();
    while (!condition()) {
      if (this.clock.monotonicNow() - from > limitMs) assert.fail(`In vain: ${what}`);
      await this.clock.pass(stepMs);
    }
    return this.clock.monotonicNow() - from;
  }
}

export function failure(code: ErrorCode, options?: RealtimeErrorOptions): RealtimeError {
  return new RealtimeError(code, `A ${code} failure.`, options);
}

/** Ids of what is shown, newest first. */
export function shown(feed: IncidentFeed): string[] {
  return feed.incidents.map(({ id }) => id);
}
