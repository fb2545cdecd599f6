import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import type { Priority } from '../../src/protocol/types.ts';
import { Dispatcher, type Route } from '../../src/queue/dispatcher.ts';
import { LANES, streamOf, type OutboxRecord } from '../../src/queue/outbox-record.ts';
import { SEED } from '../support/seed.ts';
import { ManualTime } from '../transports/manual-time.ts';
import { refusal, settle, TestOutbox, type SenderStep } from './dispatching.ts';

/** What becomes of an attempt: after `afterMs` the server has the message or not, and says so or not. */
interface Fate {
  readonly kind:
    | 'stored'
    | 'lost'
    | 'refused'
    | 'busy'
    | 'unauthorized'
    | 'malformed'
    | 'swallowed'
    | 'unanswered'
    | 'late';
  readonly afterMs: number;
}

type Act =
  | { readonly kind: 'write'; readonly conversation: string; readonly priority: Priority }
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'readable'; readonly readable: boolean }
  | { readonly kind: 'break'; readonly step: SenderStep; readonly times: number }
  | { readonly kind: 'clock'; readonly byMs: number }
  | { readonly kind: 'wake' | 'stop' | 'start' | 'reload' | 'retry' | 'discard' | 'edit' | 'reply' };

interface Scene {
  readonly acts: readonly { readonly act: Act; readonly afterMs: number }[];
  readonly fates: readonly Fate[];
  readonly chances: readonly number[];
}

const fate: fc.Arbitrary<Fate> = fc.record({
  kind: fc.constantFrom<Fate['kind'][]>(
    'stored',
    'stored',
    'lost',
    'refused',
    'busy',
    'unauthorized',
    'malformed',
    'swallowed',
    'unanswered',
    'late',
  ),
  afterMs: fc.constantFrom(0, 0, 5, 400, 3_000, 20_000),
});
const write: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('write' as const),
  conversation: fc.constantFrom('one', 'two', 'three'),
  priority: fc.constantFrom(...LANES),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: write, weight: 8 },
  fc.record({
    kind: fc.constant('route' as const),
    route: fc.constantFrom<Route[]>('hub', 'rest', undefined),
  }),
  fc.record({ kind: fc.constant('readable' as const), readable: fc.boolean() }),
  fc.record({
    kind: fc.constant('break' as const),
    step: fc.constantFrom<SenderStep[]>('lead', 'claim', 'release', 'acknowledge', 'bury'),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('clock' as const),
    byMs: fc.constantFrom(-3_600_000, -5_000, 5_000, 3_600_000),
  }),
  {
    arbitrary: fc.record({
      kind: fc.constantFrom<
        ('wake' | 'stop' | 'start' | 'reload' | 'retry' | 'discard' | 'edit' | 'reply')[]
      >('wake', 'stop', 'start', 'reload', 'retry', 'discard', 'edit', 'reply'),
    }),
    weight: 5,
  },
);
const scene: fc.Arbitrary<Scene> = fc.record({
  acts: fc.array(fc.record({ act, afterMs: fc.constantFrom(0, 0, 10, 700, 2_500, 15_000) }), {
    minLength: 1,
    maxLength: 40,
    size: 'max',
  }),
  fates: fc.array(fate, { maxLength: 40, size: 'max' }),
  chances: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 40 }),
});

/** A server, a way to it and an outbox, and whoever dispatches from it at the moment. Checks what holds at every step. */
class World {
  readonly time = new ManualTime();
  readonly outbox: TestOutbox;
  /** Times at which each message was stored by the server. */
  readonly stored = new Map<string, number[]>();
  readonly discarded = new Set<string>();
  /** What should never have happened. Noted, since whoever is told of a failed send goes on. */
  readonly violations: string[] = [];
  written = 0;
  duplicates = 0;
  readonly #fates: Fate[];
  readonly #chances: number[];
  readonly #broken = new Map<SenderStep, number>();
  /** Messages whose last attempt may have been stored → when history was looked at since, in vain. */
  readonly #doubts = new Map<string, number[]>();
  /** When history was last looked at in vain before a repeat. */
  readonly #lookedAt = new Map<string, number>();
  readonly #tried = new Map<string, number>();
  readonly #inFlight = new Map<string, Dispatcher>();
  #dispatcher: Dispatcher;
  #route: Route = 'hub';
  #isReadable = true;
  #clockError = 0;
  #hubAttempts = 0;
  #lastRequestAt = -Infinity;
  /** When something happened that may hurry or reorder things. */
  #outsideAt = 0;

  constructor({ fates, chances }: Scene) {
    this.#fates = [...fates];
    this.#chances = [...chances];
    const { setTimer } = this.time;
    this.outbox = new TestOutbox({ environment: { now: this.#now, setTimer } });
    this.outbox.before = (step) => {
      const left = this.#broken.get(step) ?? 0;
      this.#broken.set(step, left - 1);
      if (left > 0) throw refusal('storage');
    };
    this.#dispatcher = this.#dispatch();
    this.#dispatcher.start();
  }

  async do(act: Act): Promise<void> {
    if (act.kind !== 'write') this.#outsideAt = this.time.now;
    const some = this.outbox.list()[0]?.id ?? '';
    switch (act.kind) {
      case 'write': {
        const { conversation, priority } = act;
        const id = `message ${this.written++}`;
        const message = { text: id, priority };
        void this.outbox.enqueue({ id, conversation, workflow: 'acme:Support Agent:Chat Flow', message });
        break;
      }
      case 'route':
        this.#route = act.route;
        this.#dispatcher.wake(true);
        break;
      case 'readable':
        this.#isReadable = act.readable;
        this.#dispatcher.wake();
        break;
      case 'break':
        this.#broken.set(act.step, act.times);
        break;
      case 'clock':
        this.#clockError += act.byMs;
        break;
      case 'wake':
        this.#dispatcher.wake(true);
        break;
      case 'stop':
        void this.#dispatcher.stop();
        break;
      case 'start':
        this.#dispatcher.start();
        break;
      case 'reload':
        this.#dispatcher.dispose();
        for (const id of this.#inFlight.keys()) this.#doubts.set(id, []);
        this.#inFlight.clear();
        this.#hubAttempts = 0;
        this.#lastRequestAt = -Infinity;
        this.#dispatcher = this.#dispatch();
        this.#dispatcher.start();
        break;
      case 'retry':
        void this.outbox.retryAll();
        break;
      case 'discard':
        void this.outbox.discard(some).then((isGone) => isGone && this.discarded.add(some));
        break;
      case 'edit':
        void this.outbox.edit(some, 'edited');
        break;
      case 'reply':
        if (!this.stored.has(some)) break;
        this.outbox.acknowledge(some).catch((error: RealtimeError) => {
          this.#check(error.code === 'storage', error.message);
        });
    }
  }

  /** Lets `ms` pass, and what it sets off happen, timer by timer. */
  async pass(ms: number): Promise<void> {
    const end = this.time.now + ms;
    for (;;) {
      await settle();
      const next = this.time.pending[0];
      if (next === undefined || this.time.now + next > end) break;
      this.time.advance(next);
    }
    this.time.advance(end - this.time.now);
    await settle();
  }

  /** All faults end; whatever still waits has its chance. */
  async calmDown(): Promise<void> {
    this.#outsideAt = this.time.now;
    this.#fates.length = 0;
    this.#broken.clear();
    this.#route = 'hub';
    this.#isReadable = true;
    this.#dispatcher.start();
    this.#dispatcher.wake(true);
    await this.pass(1_800_000);
  }

  dispose(): void {
    this.#dispatcher.dispose();
  }

  readonly #now = () => Date.UTC(2026, 6, 1) + this.time.now + this.#clockError;

  #dispatch(): Dispatcher {
    const { setTimer, monotonicNow } = this.time;
    const random = () => this.#chances.shift() ?? 0.5;
    const dispatcher: Dispatcher = new Dispatcher(this.outbox, {
      environment: { setTimer, monotonicNow, now: this.#now, random },
      route: () => this.#route,
      send: (record, route) => this.#send(record, route, dispatcher),
      canVerify: () => this.#isReadable,
      isStored: async ({ id }) => {
        const lookedAt = this.time.now;
        if (!this.#isReadable) throw refusal('network');
        if (this.stored.has(id)) return true;
        this.#doubts.get(id)?.push(lookedAt);
        return false;
      },
      renewCredential: () => Promise.resolve(),
      onError: ({ code, cause }) => this.#check(code === 'storage', `told of ${code}: ${String(cause)}`),
      onFenced: () => this.#check(false, 'fenced, with no other sender'),
    });
    return dispatcher;
  }

  async #send(record: OutboxRecord, route: 'hub' | 'rest', sender: Dispatcher): Promise<void> {
    this.#checkAttempt(record, route);
    const { kind, afterMs } = this.#fates.shift() ?? { kind: 'stored', afterMs: 0 };
    this.#inFlight.set(record.id, sender);
    if (route === 'hub') this.#hubAttempts++;
    if (kind === 'stored' || kind === 'unanswered') this.#store(record.id);
    if (kind === 'late') this.time.setTimer(() => this.#store(record.id), afterMs + 6_000);
    if (afterMs > 0) await new Promise<void>((resolve) => void this.time.setTimer(resolve, afterMs));
    const isAbandoned = this.#inFlight.get(record.id) !== sender;
    if (!isAbandoned) {
      this.#inFlight.delete(record.id);
      if (route === 'hub') this.#hubAttempts--;
      this.#tried.set(record.id, this.time.now);
    }
    switch (kind) {
      case 'stored':
        return;
      case 'lost':
        throw refusal('network');
      case 'refused':
        throw refusal('server');
      case 'busy':
        throw refusal('rate-limited', { retryAfterMs: 7_000 });
      case 'unauthorized':
        this.#outsideAt = this.time.now; // it may go again as soon as the credential is renewed
        throw refusal('unauthorized');
      case 'malformed':
        throw refusal('input');
      default:
        if (!isAbandoned) this.#doubts.set(record.id, []);
        throw refusal('network', { stored: 'maybe' });
    }
  }

  #store(id: string): void {
    const copies = this.stored.get(id) ?? [];
    this.stored.set(id, [...copies, this.time.now]);
    if (copies.length > 0) this.duplicates++;
  }

  #checkAttempt(record: OutboxRecord, route: 'hub' | 'rest'): void {
    const { id } = record;
    const now = this.time.now;
    const held = this.outbox.get(id);
    this.#check(held?.state === 'sending' && held.attempts >= 1, `${id} is sent without a record of it`);
    this.#check(!this.#inFlight.has(id), `${id} is sent twice at once`);
    this.#check(route === 'rest' || this.#hubAttempts === 0, 'two attempts at once over the hub');
    if (route === 'rest') {
      const sinceLastMs = now - this.#lastRequestAt;
      this.#check(sinceLastMs > 999.999, `${sinceLastMs} ms between two requests`); // sums of fractions
      this.#lastRequestAt = now;
    }
    const isFirst = this.outbox
      .list()
      .filter((other) => other.state !== 'failed' && streamOf(other) === streamOf(record))
      .every(({ seq }) => seq >= record.seq);
    this.#check(isFirst || this.#outsideAt === now, `${id} overtakes one of its stream`);
    const looks = this.#doubts.get(id);
    if (looks) {
      const [first = NaN] = looks;
      const last = looks.at(-1) ?? NaN;
      this.#check(last - first > 1_999, `${id} is sent again after looks at [${looks.join()}]`);
      this.#lookedAt.set(id, last);
      this.#doubts.delete(id);
    }
    // A second copy is excused only by a first that was stored after the last look for it.
    const lookedAt = this.#lookedAt.get(id) ?? Infinity;
    const copies = this.stored.get(id) ?? [];
    this.#check(
      copies.every((at) => at >= lookedAt),
      `${id} is sent again although it was there to be seen`,
    );
    const triedAt = this.#tried.get(id);
    const isHurried = triedAt === undefined || this.#outsideAt >= triedAt;
    this.#check(isHurried || now - triedAt > 249, `${id} is tried again after ${now - (triedAt ?? 0)} ms`);
  }

  #check(holds: boolean, otherwise: string): void {
    if (!holds) this.violations.push(`${otherwise}, at ${this.time.now} ms`);
  }
}

async function play(given: Scene): Promise<World> {
  const world = new World(given);
  for (const { act: next, afterMs } of given.acts) {
    await world.do(next);
    await world.pass(afterMs);
  }
  await world.calmDown();
  return world;
}

/** `SEED=… RUNS=…` plays other scenes, or more of them. */
describe('Dispatcher, whatever happens', () => {
  it('keeps order, looks before it repeats, and ends with every message stored, given up or discarded', async (t) => {
    let messages = 0;
    let duplicates = 0;
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const world = await play(given);
        assert.deepEqual(world.violations, []);
        for (let i = 0; i < world.written; i++) {
          const id = `message ${i}`;
          const held = world.outbox.get(id);
          const isKnown = world.stored.has(id) || held?.state === 'failed' || world.discarded.has(id);
          assert.ok(isKnown, `${id} is lost`);
        }
        assert.equal(world.outbox.status().waiting, 0, 'something waits for ever');
        world.dispose();
        assert.deepEqual(world.time.pending, []);
        messages += world.written;
        duplicates += world.duplicates;
      }),
      { seed: SEED, numRuns: Number(process.env['RUNS'] ?? 400), includeErrorInReport: true },
    );
    t.diagnostic(`${messages} messages, ${duplicates} second copies after a late first one`);
  });
});
