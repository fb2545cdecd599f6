import { isActive, SEVERITIES, STATES, type StoredIncident } from './model.ts';
import type { Clock } from './clock.ts';
import type { IncidentDesk } from './desk.ts';
import { RESPONDERS, tellIncident, tellResolution } from './stories.ts';
import type { IncidentStore } from './store.ts';

export interface Pace {
  /** New incidents, updates and duplicates together. */
  perSecond: number;
  /** Default: until it is stopped. */
  seconds?: number;
  /** Share of changes to incidents that are there, 0 to 1. Default 0.3. */
  updates?: number;
  /** Share of alerts that tell what is known, 0 to 1. Default 0.05. */
  duplicates?: number;
}

const DAY_MS = 86_400_000;
/** The oldest of the incidents that are there at the start. */
const SEEDED_DAYS = 3;
/** Fast paces come in bursts of this rhythm. */
const BURST_MS = 20;
/** Changes are made to the newest so many. */
const LIVELY = 500;
/** Chance of each severity, most severe first. */
const SEVERITY_SHARES = [0.04, 0.13, 0.33, 0.32, 0.18];

/** Makes incidents that could be real, and lets them go on. The same seed makes the same ones. */
export class IncidentGenerator {
  readonly #desk: IncidentDesk;
  readonly #store: IncidentStore;
  readonly #clock: Clock;
  #random = randomNumbers(1);
  #timer: NodeJS.Timeout | undefined;

  constructor(desk: IncidentDesk, store: IncidentStore, clock: Clock) {
    this.#desk = desk;
    this.#store = store;
    this.#clock = clock;
  }

  /** Puts `count` incidents of the last days there, quietly: older ones mostly done, newer ones mostly not. */
  seed(count: number, seed = 1): void {
    this.#random = randomNumbers(seed);
    const now = this.#clock.now();
    // Oldest first: the store adds at its end.
    for (let index = count - 1; index >= 0; index -= 1) {
      const age = ((index + this.#random()) / count) ** 2 * SEEDED_DAYS * DAY_MS;
      this.#desk.place(this.#past(now - age, now), 'monitoring', true);
    }
  }

  /** Begins, in place of what ran. `perSecond: 0` ends it. */
  run({ perSecond, seconds = Infinity, updates = 0.3, duplicates = 0.05 }: Pace): void {
    this.stop();
    if (perSecond <= 0) return;
    const began = performance.now();
    const total = perSecond * seconds;
    let done = 0;
    const everyMs = Math.max(BURST_MS, Math.min(1_000, 1_000 / perSecond));
    this.#timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - began) * perSecond) / 1_000));
      for (; done < due; done += 1) this.#step(updates, duplicates);
      if (done >= total) this.stop();
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #step(updates: number, duplicates: number): void {
    const chance = this.#random();
    const known = this.#lively();
    if (known && chance < updates) return this.#goOn(known);
    if (known && chance < updates + duplicates && isActive(known)) {
      const { source, title, description, severity, type, affectedResources, labels } = known;
      this.#desk.alert({ source, title, description, severity, type, affectedResources, labels });
      return;
    }
    this.#desk.place({ ...tellIncident(this.#random), severity: this.#severity() }, 'monitoring');
  }

  /** What could happen next to an incident. */
  #goOn({ id, state, severity, assignees }: StoredIncident): void {
    const chance = this.#random();
    const place = STATES.indexOf(state as (typeof STATES)[number]);
    const who = this.#pick(RESPONDERS);
    if (place >= STATES.indexOf('RESOLVED')) {
      if (state === 'RESOLVED') this.#desk.setState(id, 'CLOSED', who);
      else this.#desk.comment(id, 'Post-mortem written and shared with the team.');
    } else if (chance < 0.25 && !assignees.includes(who)) this.#desk.assign(id, [who]);
    else if (chance < 0.32) this.#desk.comment(id, 'Checked the dashboards; still the same picture.');
    else if (chance < 0.38 && severity !== 'P0') {
      this.#desk.escalate(
        id,
        `P${Math.max(0, Number(severity[1]) - 1)}`,
        'More customers are affected than thought',
      );
    } else if (STATES[place + 1] === 'RESOLVED') {
      this.#desk.resolve(id, { by: who, method: 'MANUAL', ...tellResolution(this.#random) });
    } else this.#desk.setState(id, STATES[place + 1] ?? 'TRIAGED', who);
  }

  /** An incident of some time ago, with what has become of it. */
  #past(createdAt: number, now: number): Partial<StoredIncident> {
    const days = (now - createdAt) / DAY_MS;
    const isDone = this.#random() < Math.min(0.92, 0.12 + days);
    const place = isDone ? 4 + Number(this.#random() < days / 2) : Math.floor(this.#random() * 4);
    const who = this.#pick(RESPONDERS);
    const tookMs = Math.min(now - createdAt, (5 + this.#random() * 175) * 60_000);
    const updatedAt = place === 0 ? createdAt : createdAt + tookMs;
    const timeline = STATES.slice(0, place + 1).map((state, index) => ({
      timestamp: createdAt + (tookMs * index) / Math.max(1, place),
      eventType: index === 0 ? 'CREATED' : state === 'RESOLVED' ? 'RESOLVED' : 'STATE_CHANGED',
      actor: index === 0 ? 'monitoring' : who,
      description: index === 0 ? 'Incident created' : `State changed from ${STATES[index - 1]} to ${state}`,
      metadata: {},
    }));
    return {
      ...tellIncident(this.#random),
      severity: this.#severity(),
      createdAt,
      updatedAt,
      state: STATES[place] ?? 'DETECTED',
      assignees: place > 0 && this.#random() < 0.85 ? [who] : [],
      resolution: isDone
        ? {
            resolvedAt: updatedAt,
            resolvedBy: who,
            resolutionMethod: 'MANUAL',
            ...tellResolution(this.#random),
          }
        : null,
      timeline,
    };
  }

  #lively(): StoredIncident | undefined {
    const { size } = this.#store;
    return this.#store.at(size - 1 - Math.floor(this.#random() * Math.min(size, LIVELY)));
  }

  #severity(): string {
    let chance = this.#random();
    return SEVERITIES.find((_severity, index) => (chance -= SEVERITY_SHARES[index] ?? 0) < 0) ?? 'P2';
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }
}

/** Numbers from 0 to 1 that are the same for the same seed: mulberry32, which is short and even enough for stories. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
