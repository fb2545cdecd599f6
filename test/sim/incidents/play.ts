import type { IncidentFeed } from '../../../src/client.ts';
import type { Product } from '../product.ts';
import { Random } from '../random.ts';
import { VirtualTime, type Process } from '../virtual-time.ts';
import type { Gap, Kind } from './gap.ts';
import { Judge, type Breach, type Difference } from './judge.ts';
import { Manager } from './manager.ts';
import { Page } from './page.ts';
import { Wire } from './wire.ts';

/** What became of one gap. */
export interface Played {
  readonly gap: Gap;
  /** From the end of the gap until what is shown was what the server had, in milliseconds; `undefined`: not in time. */
  readonly repairMs: number | undefined;
  /** Of all feeds, when the gap ended. */
  readonly missed: Difference;
  /** Of all feeds, after the repair or when it was given up. */
  readonly difference: Difference;
  readonly breaches: readonly (readonly [Breach | 'differs again' | 'left behind' | 'error', string])[];
  readonly wronglyFreshMs: number;
  readonly requestsPerMinute: number;
  readonly changes: number;
  /** Of virtual time. */
  readonly lastedMs: number;
}

const LOAD_LIMIT_MS = 60_000;
/** What is missing then is missing for good. */
const REPAIR_LIMIT_MS = 600_000;
const TICK_MS = 1_000;

/** Plays `gap` against the whole client, its transport included. */
export async function playGap({ createIncidentClient }: Product, gap: Gap): Promise<Played> {
  const world = new World(gap);
  const { time, page, manager, wire } = world;
  world.seed();
  const client = createIncidentClient({
    incidentsUrl: 'https://incidents.example',
    environment: page.environment,
  });
  const feeds = gap.filters.map((filter) => client.feed(filter));
  const closes = feeds.map((feed) => feed.open());
  await world.until(() => feeds.every((feed) => feed.freshness.asOf !== undefined), LOAD_LIMIT_MS);
  world.watch(feeds);
  await world.warmUp();

  const beganAt = time.now;
  const askedBefore = wire.asked.length;
  world.spoil();
  await world.change(gap.ms);
  world.mend();
  const mendedAt = time.now;
  const missed = world.difference;
  const isRepaired = () => world.judges.every((judge) => judge.isWhole);
  let repaired = await world.until(isRepaired, REPAIR_LIMIT_MS);
  if (repaired !== undefined) {
    await world.pass(gap.watchMs);
    // Events that were late may have brought back what had gone.
    if (!isRepaired()) repaired = await world.until(isRepaired, REPAIR_LIMIT_MS);
  }
  const repairMs = repaired === undefined ? undefined : repaired - mendedAt;
  const { difference } = world;
  const breaches: [Played['breaches'][number][0], string][] = [];

  if (repairMs !== undefined) {
    if (gap.after > 0 && gap.server === 'stream') {
      await world.liveOn();
      // A row that vanished is found by one look beside a stream, and what comes in its place by the next.
      const isWhole = (await world.until(isRepaired, 75_000)) !== undefined;
      if (!isWhole) breaches.push(['differs again', 'after changes in the open']);
    }
    for (const judge of world.judges) judge.end(!gap.troubles.includes('server-clock'));
  }
  const requests = wire.asked.length - askedBefore;
  const lastedMs = time.now - beganAt;
  for (const close of closes) close();
  let isDisposed = false;
  void client.dispose().then(() => (isDisposed = true));
  await time.runUntil(time.now + 15_000);
  if (!isDisposed || page.left > 0 || wire.sockets.size > 0) {
    breaches.push(['left behind', `${page.left} timers and listeners, ${wire.sockets.size} sockets`]);
  }
  for (const judge of world.judges) breaches.push(...judge.breaches);
  for (const error of world.errors) breaches.push(['error', error]);
  return {
    gap,
    repairMs,
    missed,
    difference,
    breaches,
    wronglyFreshMs: Math.max(...world.judges.map((judge) => judge.wronglyFreshMs)),
    requestsPerMinute: requests / (lastedMs / 60_000),
    changes: manager.versions.size,
    lastedMs,
  };
}

/** A server, the way to it, a page, and what happens to them. */
class World {
  readonly time = new VirtualTime();
  readonly process: Process = { name: 'page', state: 'running', held: [] };
  readonly manager: Manager;
  readonly wire: Wire;
  readonly page: Page;
  readonly judges: Judge[] = [];
  readonly errors: string[] = [];
  readonly #gap: Gap;
  readonly #random: Random;

  constructor(gap: Gap) {
    const { time, process } = this;
    this.#gap = gap;
    this.#random = new Random(gap.seed + 1).fork();
    this.manager = new Manager(time, this.#random.fork());
    this.wire = new Wire(time, this.#random.fork(), this.manager, process);
    this.page = new Page(time, this.#random.fork(), this.wire, process);
    this.manager.aheadMs = gap.serverAheadMs;
    this.manager.tells = gap.server === 'stream';
    this.wire.hasGraphql = gap.server !== 'rest';
    this.wire.hasHeartbeats = gap.hasHeartbeats;
    this.page.clockErrorMs = gap.pageAheadMs;
  }

  /** Of all feeds together. */
  get difference(): Difference {
    const all = this.judges.map((judge) => judge.difference());
    const total = (name: keyof Difference) => all.reduce((sum, each) => sum + each[name], 0);
    return { missing: total('missing'), leftOver: total('leftOver'), outdated: total('outdated') };
  }

  seed(): void {
    for (let i = this.#gap.seeded; i > 0; i--) this.manager.create(false, i * 90_000);
    this.manager.untold.clear();
  }

  watch(feeds: readonly IncidentFeed[]): void {
    for (const feed of feeds) {
      this.judges.push(new Judge(this.wire, feed));
      feed.on('error', ({ code, message }) => {
        if (code === 'bug') this.errors.push(message);
      });
    }
  }

  /** A while in which all is well. */
  async warmUp(): Promise<void> {
    await this.pass(3_000);
    if (!this.#gap.isProven) return;
    this.manager.create(true);
    const some = this.manager.some();
    if (some) this.manager.change(some.id, true);
    await this.pass(2_000);
  }

  spoil(): void {
    const { manager } = this;
    manager.delayMs = this.#gap.eventDelayMs;
    manager.repeats = this.#gap.repeats;
    for (const trouble of this.#gap.troubles) this.#begin(trouble);
  }

  /** The changes of the gap, spread over it. */
  async change(overMs: number): Promise<void> {
    const { created, changed, removed, told } = this.#gap;
    const count = created + changed + removed;
    const times = Array.from({ length: count }, () => this.#random.between(0, overMs)).sort((a, b) => a - b);
    const begin = this.time.now;
    for (const at of times) {
      this.time.schedule(
        () => this.#changeOne(this.#random.next() * count, told),
        begin + at - this.time.now,
      );
    }
    await this.pass(overMs);
  }

  mend(): void {
    const { manager, wire, page, process, time } = this;
    const { troubles, hints, ms } = this.#gap;
    wire.heal();
    manager.loss = manager.repeats = manager.delayMs = 0;
    manager.tells = this.#gap.server === 'stream';
    if (troubles.includes('asleep') && this.#random.chance(0.5)) page.stoodStillMs += ms;
    const isBack = troubles.includes('frozen') || (troubles.includes('asleep') && hints);
    time.thaw(process, isBack ? () => page.tell('resumed') : undefined);
    if (!page.isOnline) time.schedule(() => page.tell('online'), 0, process);
    if (!page.isVisible) time.schedule(() => page.tell('visible'), 0, process);
  }

  /** Changes that everybody is told of, on a network that works. */
  async liveOn(): Promise<void> {
    for (let i = 0; i < this.#gap.after; i++) {
      this.#changeOne(this.#random.next() * 100, 1);
      await this.pass(this.#random.between(10, 3_000));
    }
  }

  async pass(ms: number): Promise<void> {
    const end = this.time.now + ms;
    while (this.time.now < end) {
      await this.time.runUntil(Math.min(end, this.time.now + TICK_MS));
      if (this.page.isRunning) for (const judge of this.judges) judge.look();
    }
  }

  /** When `condition` came to hold, if it did within `limitMs`. */
  async until(condition: () => boolean, limitMs: number): Promise<number | undefined> {
    const end = this.time.now + limitMs;
    for (;;) {
      if (condition()) return this.time.now;
      if (this.time.now >= end) return undefined;
      await this.pass(250);
    }
  }

  #begin(trouble: Exclude<Kind, 'several'>): void {
    const { manager, wire, page, time, process } = this;
    const { hints } = this.#gap;
    const random = this.#random;
    switch (trouble) {
      case 'away':
        wire.trouble.way = 'swallow';
        wire.muteAll();
        if (hints) page.tell('offline');
        return;
      case 'unreachable':
        wire.trouble.way = 'refuse';
        wire.cutAll();
        if (hints) page.tell('offline');
        return;
      case 'cut':
        return wire.cutAll();
      case 'muted':
        return wire.muteAll();
      case 'no-sockets':
        wire.cutAll();
        wire.trouble.sockets = random.chance(0.5) ? 'refuse' : 'hang';
        return;
      case 'flapping':
        wire.cutAll();
        wire.trouble.sockets = 'flap';
        return;
      case 'lost-events':
        manager.loss = random.between(0.2, 1);
        return;
      case 'kept-quiet':
        manager.tells = false;
        return;
      case 'failing':
        wire.trouble.http = { status: random.chance(0.5) ? 500 : 503, chance: random.between(0.3, 1) };
        return;
      case 'limited':
        wire.trouble.http = { status: 429, chance: random.between(0.3, 1), retryAfterS: 5 };
        return;
      case 'slow':
        wire.trouble.slowMs = random.between(500, 3_000);
        return;
      case 'asleep':
        time.freeze(process);
        return random.chance(0.5) ? wire.cutAll() : wire.muteAll();
      case 'hidden':
        return page.tell('hidden');
      case 'frozen':
        page.tell('frozen');
        return time.freeze(process);
      case 'server-clock':
        manager.aheadMs += Math.round(random.between(-7_200_000, 7_200_000));
    }
  }

  #changeOne(which: number, told: number): void {
    const { manager } = this;
    const { created, removed } = this.#gap;
    const isTold = this.#random.chance(told);
    const some = manager.some();
    if (which < created || !some) manager.create(isTold);
    else if (which < created + removed) manager.remove(some.id);
    else manager.change(some.id, isTold);
  }
}
