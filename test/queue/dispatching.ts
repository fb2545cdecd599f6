import { RealtimeError, type ErrorCode, type RealtimeErrorOptions } from '../../src/protocol/errors.ts';
import { Dispatcher, type Route } from '../../src/queue/dispatcher.ts';
import { Outbox, type NewRecord, type OutboxOptions, type OutboxRelease } from '../../src/queue/outbox.ts';
import { ManualTime } from '../transports/manual-time.ts';

/** What a send comes to: a rejection, something to wait for, or success. */
export type Outcome = RealtimeError | Promise<unknown> | (() => Promise<unknown>) | undefined;

export const refusal = (code: ErrorCode, options?: RealtimeErrorOptions) =>
  new RealtimeError(code, 'Refused.', options);
/** Never left this machine. */
export const lost = () => refusal('network', { stored: 'no' });
/** The connection broke before an answer came. */
export const ambiguous = () => refusal('network', { stored: 'maybe' });

/** Turns of the event loop in which a database in memory does whatever it was asked to. */
const DATABASE_TURNS = 60;

/** Lets everything happen that waits neither for time nor for anybody else. */
export async function settle(turns = 1): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

export function deferred() {
  let resolve = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** An outbox whose steps can be made to fail or to take their time. */
export class TestOutbox extends Outbox {
  /** Called before each step; what it throws, the step rejects with. */
  before: (step: SenderStep, id?: string) => unknown = () => undefined;
  readonly steps: string[] = [];

  override async lead() {
    await this.#begin('lead');
    return super.lead();
  }

  override async yieldLead() {
    await this.#begin('yieldLead');
    return super.yieldLead();
  }

  override async claim(id: string) {
    await this.#begin('claim', id);
    return super.claim(id);
  }

  override async release(id: string, change: OutboxRelease) {
    await this.#begin('release', id);
    return super.release(id, change);
  }

  override async acknowledge(id: string) {
    await this.#begin('acknowledge', id);
    return super.acknowledge(id);
  }

  override async bury(id: string, error: RealtimeError) {
    await this.#begin('bury', id);
    return super.bury(id, error);
  }

  async #begin(step: SenderStep, id?: string) {
    this.steps.push(id === undefined ? step : `${step} ${id}`);
    await this.before(step, id);
  }
}

export type SenderStep = 'lead' | 'yieldLead' | 'claim' | 'release' | 'acknowledge' | 'bury';

/** Wall clock when the test begins. */
const START = Date.UTC(2026, 6, 1);

export interface Dispatching {
  time?: ManualTime;
  outbox?: TestOutbox;
  options?: OutboxOptions;
  random?: () => number;
  /** Not started yet. Default: started. */
  idle?: boolean;
}

/** A dispatcher whose sends take the next of `outcomes`, and go well when there is none left. */
export function dispatching(outcomes: Outcome[] = [], given: Dispatching = {}) {
  const { time = new ManualTime() } = given;
  const turns = given.options?.environment?.indexedDB ? DATABASE_TURNS : 1;
  const world = {
    route: 'hub' as Route,
    readable: true,
    stored: (_id: string): Promise<boolean> => Promise.resolve(false),
    renew: (): Promise<void> => Promise.resolve(),
    /** Milliseconds by which the wall clock is wrong. */
    clockError: 0,
  };
  const now = () => START + time.now + world.clockError;
  const outbox =
    given.outbox ??
    new TestOutbox({
      ...given.options,
      environment: { now, setTimer: time.setTimer, ...given.options?.environment },
    });
  const sends: { id: string; route: Route; at: number; text: string | undefined; attempts: number }[] = [];
  const told: string[] = [];
  const errors: RealtimeError[] = [];
  const calls = { looks: 0, renewals: 0, fenced: 0 };
  const dispatcher = new Dispatcher(outbox, {
    environment: {
      setTimer: time.setTimer,
      monotonicNow: time.monotonicNow,
      now,
      random: given.random ?? (() => 0.5),
    },
    route: () => world.route,
    send: async (record, route) => {
      const { id, attempts, message } = record;
      sends.push({ id, route, at: time.now, text: message.text, attempts });
      const outcome = outcomes.shift();
      if (outcome instanceof RealtimeError) throw outcome;
      await (typeof outcome === 'function' ? outcome() : outcome);
    },
    canVerify: () => world.readable,
    isStored: ({ id }) => {
      calls.looks++;
      return world.stored(id);
    },
    renewCredential: () => {
      calls.renewals++;
      return world.renew();
    },
    onError: (error) => errors.push(error),
    onFenced: () => calls.fenced++,
  });
  outbox.on('change', ({ record, event }) => {
    if (event !== 'changed' && event !== 'queued') told.push(`${record.id} ${event}`);
  });
  const write = (id: string, conversation = 'one', more: Partial<NewRecord['message']> = {}) =>
    outbox.enqueue({
      id,
      conversation,
      workflow: 'acme:Support Agent:Chat Flow',
      message: { text: id, ...more },
    });
  /** Lets `ms` pass, and what it sets off happen, timer by timer. */
  const pass = async (ms: number) => {
    const end = time.now + ms;
    for (;;) {
      await settle(turns);
      const next = time.pending[0];
      if (next === undefined || time.now + next > end) break;
      time.advance(next);
    }
    time.advance(end - time.now);
    await settle(turns);
  };
  const ids = () => sends.map(({ id }) => id);
  if (!given.idle) dispatcher.start();
  return { dispatcher, outbox, time, sends, told, errors, calls, world, write, pass, ids };
}
