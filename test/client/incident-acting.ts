import type { TestContext } from 'node:test';
import { actionsAccount } from '../../src/client/incident-action-mark.ts';
import { IncidentActions } from '../../src/client/incident-actions.ts';
import { applyAction } from '../../src/client/incident-optimistic.ts';
import { defaultEnvironment, type Environment, type LifecycleEvent } from '../../src/client/environment.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import type {
  Incident,
  IncidentAction,
  IncidentActionKind,
  IncidentCapabilities,
  TimelineEntry,
} from '../../src/protocol/incident.ts';
import type { IncidentSource } from '../../src/transports/incident-source.ts';
import { FaultyStorage } from '../queue/storage.ts';
import { Random } from '../sim/random.ts';
import { SEED } from '../support/seed.ts';
import { type Tab, TabWorld } from '../support/tabs.ts';
import { ManualTime } from '../transports/manual-time.ts';

export const INCIDENTS_URL = 'https://incidents.example';
const START = Date.UTC(2026, 6, 1);
const ALL: readonly IncidentActionKind[] = [
  'acknowledge',
  'assign',
  'escalate',
  'resolve',
  'comment',
  'reopen',
];
/** Turns of the event loop in which a database in memory does whatever it was asked to. */
const DATABASE_TURNS = 60;

/** What is to become of the next action at the server: `done` does it. */
export type Answer = (done: () => Incident) => Incident | Promise<Incident>;

export const refuse =
  (code: ConstructorParameters<typeof RealtimeError>[0], options = {}): Answer =>
  () => {
    throw new RealtimeError(code, 'The server says no.', options);
  };
/** The server does it, and the answer never comes. */
export const loseAnswer: Answer = (done) => {
  done();
  throw new RealtimeError('network', 'The connection was lost.', { stored: 'maybe' });
};
/** The connection breaks before the server has anything. */
export const loseRequest: Answer = () => {
  throw new RealtimeError('network', 'The connection was lost.', { stored: 'maybe' });
};

/** An incident manager that does what it is told, in memory. */
export class ScriptedServer {
  readonly incidents = new Map<string, Incident>();
  readonly timelines = new Map<string, TimelineEntry[]>();
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  /** What it did. */
  readonly done: IncidentAction[] = [];
  /** For the next actions, in order; then they succeed. */
  readonly answers: Answer[] = [];
  capabilities: IncidentCapabilities = {
    via: 'graphql',
    actions: new Set(ALL),
    timeline: true,
    severities: ['P0', 'P1', 'P2', 'P3', 'P4'],
  };
  /** Thrown by every look at an incident. */
  readFailure: RealtimeError | undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(id: string, change: Partial<Incident> = {}): Incident {
    const at = this.#now();
    const incident: Incident = {
      id,
      title: `Incident ${id}`,
      description: '',
      severity: 'P2',
      state: 'DETECTED',
      phase: 'open',
      type: 'UNKNOWN',
      source: 'test',
      affectedResources: [],
      assignees: [],
      createdAt: at,
      updatedAt: at,
      ...change,
    };
    this.incidents.set(id, incident);
    return incident;
  }

  /** Somebody else does something. */
  change(id: string, change: Partial<Incident>): void {
    this.add(id, { ...this.incidents.get(id), ...change, updatedAt: this.#now() });
  }

  /** A connection to it, from a page that hears the answer only while `isAlive`. */
  source(isAlive: () => boolean): IncidentSource {
    const read = (id: string) => {
      if (this.readFailure) throw this.readFailure;
      return this.incidents.get(id);
    };
    const unused = () => Promise.reject(new Error('No action needs this.'));
    return {
      via: 'graphql',
      serverClockAheadMs: 0,
      state: 'connected' as IncidentSource['state'],
      page: unused,
      probe: unused,
      connect: unused,
      disconnect: unused,
      ping: unused,
      dispose: unused,
      on: () => () => {},
      read: async (ids: readonly string[]) => {
        this.calls.push(`read ${ids.join()}`);
        const incidents = ids.flatMap((id) => read(id) ?? []);
        return { incidents, missing: ids.filter((id) => !this.incidents.has(id)) };
      },
      details: async (id: string) => {
        this.calls.push(`details ${id}`);
        const incident = read(id);
        if (!incident) throw new RealtimeError('not-found', 'Incident not found');
        const timeline = this.capabilities.timeline ? [...(this.timelines.get(id) ?? [])] : undefined;
        return { incident, timeline, resolution: undefined, labels: [] };
      },
      act: async (action: IncidentAction): Promise<Incident> => {
        this.calls.push(`${action.kind} ${action.id}`);
        const answer = this.answers.shift() ?? ((done) => done());
        const answering = (async () => answer(() => this.#do(action)))();
        await Promise.allSettled([answering]);
        return isAlive() ? answering : new Promise(() => {});
      },
    } as IncidentSource;
  }

  #do(action: IncidentAction): Incident {
    const incident = this.incidents.get(action.id);
    if (!incident) throw new RealtimeError('not-found', 'Incident not found');
    this.done.push(action);
    const updatedAt = Math.max(this.#now(), incident.updatedAt + 1);
    const after = { ...applyAction(incident, action), updatedAt };
    this.incidents.set(action.id, after);
    if (action.kind === 'comment') {
      const timeline = this.timelines.get(action.id) ?? [];
      this.timelines.set(action.id, timeline);
      timeline.push({ at: updatedAt, type: 'COMMENT_ADDED', actor: 'api', description: action.text });
    }
    return after;
  }
}

/** One page of the site, with what it was told. */
export interface ActingPage {
  readonly actions: IncidentActions;
  readonly tab: Tab;
  readonly errors: RealtimeError[];
  /** `<id> <state>` of the rows that were told. */
  readonly applied: string[];
  /** How it looks: `<kind> <state>` of each pending action. */
  shown(): string[];
  connect(): void;
  disconnect(): void;
  play(event: LifecycleEvent): void;
  /** The page ends from one moment to the next. */
  kill(): void;
  /** Timers that are set. */
  readonly timers: number;
  /** Lifecycle listeners, locks and channels. */
  readonly uses: number;
}

export interface PageOptions {
  /** Default: connected. */
  readonly offline?: boolean;
  readonly account?: () => string | undefined;
  readonly renew?: () => Promise<boolean>;
  /** Without locks and channels, as on a page over plain http. */
  readonly plain?: boolean;
  /** Without a database. */
  readonly memoryOnly?: boolean;
}

/** What the page knows as `localStorage`, kept in `marks`. */
export function storageOf(marks: Map<string, string>): Storage {
  return {
    get length() {
      return marks.size;
    },
    key: (index: number) => [...marks.keys()][index] ?? null,
    setItem: (key: string, value: string) => void marks.set(key, value),
    removeItem: (key: string) => void marks.delete(key),
  } as Storage;
}

/** A server and a browser whose pages share storage, locks and channels, in a time that only {@link pass} moves. */
export function acting(t: TestContext) {
  const time = new ManualTime();
  const chance = new Random(SEED);
  const world = { clockError: 0, random: () => 0.5 };
  const now = () => START + time.now + world.clockError;
  const server = new ScriptedServer(now);
  const storage = new FaultyStorage();
  const tabs = new TabWorld();
  const marks = new Map<string, string>();
  const localStorage = storageOf(marks);
  const pages: ActingPage[] = [];

  const open = ({ offline, account, renew, plain, memoryOnly }: PageOptions = {}): ActingPage => {
    const tab = tabs.open();
    const listeners = new Set<(event: LifecycleEvent) => void>();
    let timers = 0;
    const setTimer = tab.timers(time.setTimer);
    const parts: Partial<Environment> = {
      now,
      monotonicNow: time.monotonicNow,
      random: () => world.random(),
      uuid: () => chance.uuid(),
      setTimer: (callback, delayMs) => {
        timers++;
        let isDone = false;
        const done = () => {
          timers -= isDone ? 0 : 1;
          isDone = true;
        };
        const undo = setTimer(() => {
          done();
          callback();
        }, delayMs);
        return () => {
          done();
          undo();
        };
      },
      onLifecycle: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      indexedDB: memoryOnly ? undefined : storage.factory,
      localStorage,
      locks: plain ? undefined : tab.locks,
      BroadcastChannel: plain ? undefined : tab.BroadcastChannel,
    };
    const environment = defaultEnvironment(parts);
    const isAlive = () => tab.state !== 'killed';
    let source = offline ? undefined : server.source(isAlive);
    const errors: RealtimeError[] = [];
    const applied: string[] = [];
    const rows = new Map(server.incidents);
    const actions = new IncidentActions({
      environment,
      account: account ?? (() => actionsAccount(INCIDENTS_URL, 'ada')),
      source: () => (tab.state === 'running' ? source : undefined),
      capabilities: () => server.capabilities,
      current: (id) => rows.get(id),
      renew,
      onChange: () => {},
      onApplied: (incident) => {
        rows.set(incident.id, incident);
        applied.push(`${incident.id} ${incident.state}`);
      },
      onError: (error) => errors.push(error),
    });
    const page: ActingPage = {
      actions,
      tab,
      errors,
      applied,
      shown: () => actions.pending.map(({ action, state }) => `${action.kind} ${state}`),
      connect: () => {
        source = server.source(isAlive);
        actions.wake();
      },
      disconnect: () => {
        source = undefined;
        actions.wake();
      },
      play: (event) => {
        for (const listener of [...listeners]) listener(event);
      },
      kill: () => tab.kill(),
      get timers() {
        return timers;
      },
      get uses() {
        return listeners.size + tab.uses;
      },
    };
    pages.push(page);
    return page;
  };

  /** Lets everything happen that needs no time. */
  const settle = async () => {
    for (let turn = 0; turn < DATABASE_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Lets `ms` pass, and what that sets off happen, timer by timer. */
  const pass = async (ms: number) => {
    const end = time.now + ms;
    for (;;) {
      await settle();
      const next = time.pending[0];
      if (next === undefined || time.now + next > end) break;
      time.advance(Math.max(0, next));
    }
    time.advance(end - time.now);
    await settle();
  };
  /** What `promise` comes to while `ms` pass: its outcome, or the error it is rejected with, as one line. */
  const outcome = async (promise: Promise<{ outcome: string }>, ms = 30_000): Promise<string> => {
    let told = 'nothing yet';
    promise.then(
      (receipt) => (told = receipt.outcome),
      (error: unknown) =>
        (told = error instanceof RealtimeError ? `${error.code}: ${error.message}` : String(error)),
    );
    await settle();
    if (told === 'nothing yet' && ms > 0) await pass(ms);
    return told;
  };
  t.after(async () => {
    for (const page of pages) {
      const ending = page.actions.dispose();
      if (page.tab.state !== 'killed') await Promise.race([ending, pass(5_000)]);
    }
  });
  return { server, storage, tabs, marks, world, time, open, settle, pass, outcome };
}
