import type { Incident, IncidentFeed } from '../../../src/client.ts';
import { isActive, type StoredIncident } from '../../../demo/server/incidents/model.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { Manager } from './manager.ts';
import type { Wire } from './wire.ts';

/** What holds at every moment, by name. */
export type Breach =
  | 'wrongly fresh'
  | 'live too early'
  | 'late beside a new stream'
  | 'went back'
  | 'received twice'
  | 'received though old'
  | 'invented'
  | 'untold'
  | 'known';

/** What is shown and what there is. */
export interface Difference {
  /** There, and to be shown, but not. */
  readonly missing: number;
  /** Shown, but gone, or none of the filter. */
  readonly leftOver: number;
  /** Shown as it was once. */
  readonly outdated: number;
}

/**
 * As long as `fresh` may be wrong: until a look is due beside a stream that was believed, as long as a proof holds if that
 * look fails, and what the two looks take.
 */
export const WRONG_MS = 25_000 + 30_000 + 10_000;
/** Without a stream that is believed, only a look is a proof. */
const WRONG_UNPROVEN_MS = 25_000 + 1_000;
/** What was proved by a stream has gone stale by then. */
const FORGOTTEN_MS = 30_000;
/** What happens so shortly after a stream was opened may not be told; but by the end it was looked for. */
const UNTOLD_MS = 1_900;
const LOOKED_MS = 6_000;
/** The newest ones that every look asks for, whatever it knows. */
const FIRST_PAGE = 100;
/** Clocks of the parts of one server differ by less. */
const OVERLAP_MS = 60_000;

/** Watches one feed, from its first load on. */
export class Judge {
  readonly feed: IncidentFeed;
  readonly breaches = new Map<Breach, string>();
  /** The longest time for which something wrong was called fresh. */
  wronglyFreshMs = 0;
  readonly #time: VirtualTime;
  readonly #manager: Manager;
  readonly #wire: Wire;
  /** In virtual time. */
  readonly #beganAt: number;
  readonly #received = new Set<string>();
  readonly #updated = new Set<string>();
  readonly #seen = new Set<string>();
  /** The newest creation of the first load: what was created later is new. */
  readonly #horizon: number;
  /** When there was last no room for anything else. */
  #fullAt = 0;
  /** Since when something shown is wrong, as of {@link Judge.#checkedAt}. */
  #wrongFrom: number | undefined;
  /** `updatedAt` of each as it was last told of. */
  readonly #at = new Map<string, number>();
  #state: string;
  #liveSince: number | undefined;
  #provenAt = -Infinity;
  #isDirty = true;
  #changedAt = -1;

  constructor(wire: Wire, feed: IncidentFeed) {
    const { time, manager } = wire;
    this.#wire = wire;
    this.#time = time;
    this.#manager = manager;
    this.feed = feed;
    this.#beganAt = time.now;
    for (const { id } of feed.incidents) this.#seen.add(id);
    this.#horizon = Math.max(-Infinity, ...feed.incidents.map(({ createdAt }) => createdAt));
    feed.on('received', (incidents) => this.#onReceived(incidents));
    this.#state = feed.status.state;
    feed.on('updated', (incidents) => {
      for (const incident of incidents) {
        this.#updated.add(incident.id);
        this.#order(incident);
      }
    });
    feed.on('change', () => {
      this.#onState();
      this.#isDirty = true;
      if (this.isFull) this.#fullAt = time.now;
      for (const { id } of feed.incidents) this.#seen.add(id);
    });
  }

  /** Whether there is more than the feed may hold, so that it has to choose. */
  get isFull(): boolean {
    return this.feed.incidents.length >= this.#limit;
  }

  /** Looks whether what is called fresh is. To be called every second or so, while the page runs. */
  look(): void {
    const { feed } = this;
    if (this.isFull) this.#fullAt = this.#time.now;
    if (feed.known > this.#manager.versions.size) this.#breach('known', `${feed.known} ids`);
    if (feed.status.isProven) this.#provenAt = this.#time.now;
    if (feed.freshness.state !== 'fresh') return;
    if (this.#isDirty || this.#changedAt !== this.#manager.changedAt) {
      this.#isDirty = false;
      this.#changedAt = this.#manager.changedAt;
      this.#wrongFrom = this.#earliestWrong();
    }
    if (this.#wrongFrom === undefined) return;
    const ms = this.#time.now - this.#wrongFrom;
    this.wronglyFreshMs = Math.max(this.wronglyFreshMs, ms);
    const isByLooks = this.#time.now - this.#provenAt > FORGOTTEN_MS;
    if (ms > (isByLooks ? WRONG_UNPROVEN_MS : WRONG_MS))
      this.#breach('wrongly fresh', `for ${Math.round(ms)} ms`);
  }

  /** What is shown against what the server has now. */
  difference(): Difference {
    const { feed } = this;
    let [leftOver, outdated] = [0, 0];
    for (const row of feed.incidents) {
      const there = this.#manager.get(row.id);
      if (!there || !this.#fits(there)) leftOver++;
      else if (!isLike(row, there)) outdated++;
    }
    return { missing: this.#missing(), leftOver, outdated };
  }

  get isWhole(): boolean {
    const { missing, leftOver, outdated } = this.difference();
    return missing + leftOver + outdated === 0;
  }

  /** At the end: everything that came to be shown was told of. `isOrdered`: the server's clock went forward only. */
  end(isOrdered: boolean): void {
    const { filter } = this.feed;
    const isPlain = !filter.activeOnly && !filter.severities && !filter.states && !this.isFull;
    if (!isPlain || !isOrdered) return;
    for (const { id } of this.feed.incidents) {
      if ((this.#bornAt(id) ?? 0) <= this.#beganAt || this.#received.has(id)) continue;
      this.#breach('untold', `${id}, updated: ${this.#updated.has(id)}`);
    }
  }

  get #limit(): number {
    return this.feed.filter.limit ?? 100;
  }

  #onReceived(incidents: readonly Incident[]): void {
    for (const { id, createdAt } of incidents) {
      if (this.#received.has(id) || this.#seen.has(id)) this.#breach('received twice', id);
      // A server whose clock was set back has new ones that look old.
      const isOld = createdAt < this.#horizon - OVERLAP_MS && (this.#bornAt(id) ?? 0) < this.#beganAt;
      if (isOld) this.#breach('received though old', id);
      this.#received.add(id);
    }
    for (const incident of incidents) this.#order(incident);
  }

  /** No version comes after a later one; of those that the server dates alike, nobody can tell. */
  #order({ id, updatedAt }: Incident): void {
    if (updatedAt < (this.#at.get(id) ?? -Infinity)) this.#breach('went back', id);
    this.#at.set(id, updatedAt);
  }

  #onState(): void {
    const { status } = this.feed;
    const { now } = this.#time;
    if (status.isProven) this.#provenAt = now;
    if (status.state === this.#state) return;
    this.#state = status.state;
    const isLive = status.state === 'live' && status.mode === 'stream';
    this.#liveSince = isLive ? now : undefined;
    if (!isLive) return;
    const { subscribedAt } = this.#wire;
    this.#checkShown(subscribedAt, subscribedAt, 'live too early');
    this.#time.schedule(() => {
      if (this.#liveSince !== now || !this.#wire.isHealthy || this.#wire.healthySince > now) return;
      this.#checkShown(now + UNTOLD_MS, now, 'late beside a new stream');
    }, LOOKED_MS);
  }

  /**
   * What was created in time is shown: what came into the filter by a change may take another look. A removal after `from` may
   * have hidden something behind the page that shifted.
   */
  #checkShown(until: number, from: number, breach: Breach): void {
    // Where there was no room, what had none comes with the next look.
    if (this.#fullAt > 0 || this.#manager.removedAt >= from) return;
    for (const [id, [first, ...others]] of this.#manager.versions) {
      const isMeant = first && others.length === 0 && first.from > this.#beganAt && first.from < until;
      if (isMeant && first.incident && this.#fits(first.incident) && !this.feed.get(id))
        this.#breach(breach, id);
    }
  }

  /** In virtual time. */
  #bornAt(id: string): number | undefined {
    return this.#manager.versions.get(id)?.[0]?.from;
  }

  #missing(): number {
    const { feed } = this;
    const fitting = this.#manager.all.filter((incident) => this.#fits(incident));
    const absent = fitting.filter(({ id }) => !feed.get(id));
    if (fitting.length <= this.#limit) return absent.length;
    const short = this.#limit - feed.incidents.length;
    const least = [...feed.incidents].sort(byNeed).at(-1);
    // What is on no page that was ever read, and was told of by nobody, cannot be known to matter.
    const first = new Set(fitting.slice(0, Math.min(FIRST_PAGE, this.#limit)));
    const wrong = absent.filter((incident) => {
      // A server whose clock was set back puts new ones far down in its list.
      const isOnTop = incident.createdAt > this.#horizon - OVERLAP_MS;
      const isNew = isOnTop && (this.#bornAt(incident.id) ?? 0) > this.#beganAt;
      const isKnowable = isNew && !this.#manager.untold.has(incident.id);
      return least && (first.has(incident) || isKnowable) && byNeed(incident, least) < 0;
    });
    return Math.max(short, wrong.length);
  }

  /** Since when the row that is wrong for longest has been. */
  #earliestWrong(): number | undefined {
    let earliest = Infinity;
    for (const [id, versions] of this.#manager.versions) {
      const row = this.feed.get(id);
      // There may be no room for it; where room came, it is filled by the next look.
      if (!row && this.#fullAt > 0) continue;
      const last = versions.findLastIndex(({ incident }) =>
        row ? incident && isLike(row, incident) : !incident || !this.#fits(incident),
      );
      if (row && last < 0) this.#breach('invented', id);
      const next = versions[last + 1];
      if (next) earliest = Math.min(earliest, next.from);
    }
    return earliest === Infinity ? undefined : earliest;
  }

  #fits(incident: StoredIncident): boolean {
    const { severities, states, activeOnly } = this.feed.filter;
    return (
      (!severities || severities.includes(incident.severity)) &&
      (!states || incident.state === 'DETECTED') &&
      (!activeOnly || isActive(incident))
    );
  }

  #breach(kind: Breach, detail: string): void {
    if (!this.breaches.has(kind)) this.breaches.set(kind, `at ${Math.round(this.#time.now)}: ${detail}`);
  }
}

function isLike(row: Incident, stored: StoredIncident): boolean {
  return (
    row.updatedAt === stored.updatedAt &&
    row.state === stored.state &&
    row.severity === stored.severity &&
    row.assignees?.join() === stored.assignees.join()
  );
}

type Needed = Pick<Incident, 'severity' | 'state' | 'createdAt' | 'id'>;

/** Negative: `one` is kept rather than `other`. */
function byNeed(one: Needed, other: Needed): number {
  return (
    Number(!isActive(one)) - Number(!isActive(other)) ||
    one.severity.localeCompare(other.severity) ||
    other.createdAt - one.createdAt
  );
}
