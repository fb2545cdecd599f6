import { formatInstant } from '../../../demo/server/incidents/clock.ts';
import { isActive, type StoredIncident } from '../../../demo/server/incidents/model.ts';
import { IncidentStore } from '../../../demo/server/incidents/store.ts';
import type { Random } from '../random.ts';
import type { VirtualTime } from '../virtual-time.ts';

/** One version of an incident, or that it is not there any more, from a moment of virtual time on. */
export interface Version {
  readonly from: number;
  readonly incident: StoredIncident | undefined;
}

/** Whoever is subscribed: gets the values of both root fields, as GraphQL has them. */
export interface Subscriber {
  next(field: 'incidentUpdates' | 'newIncidents', value: string): void;
}

export interface Query {
  readonly page: number;
  readonly pageSize: number;
  readonly severities?: readonly string[] | undefined;
  readonly activeOnly: boolean;
}

/** When virtual time began, by a clock that is right. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);
const SEVERITIES = ['P0', 'P1', 'P2', 'P3', 'P4'] as const;
const STATES = ['DETECTED', 'TRIAGED', 'INVESTIGATING', 'REMEDIATING', 'RESOLVED', 'CLOSED'] as const;
const PEOPLE = ['jane', 'omar', 'li', 'sofia'] as const;

/**
 * What an incident manager knows and tells, in virtual time: the list that the local server has (newest first, pages by
 * number, which shift), events without replay, and everything that can go wrong with these.
 */
export class Manager {
  readonly subscribers = new Set<Subscriber>();
  /** What became of each incident, the oldest version first. */
  readonly versions = new Map<string, Version[]>();
  /** Ids of what was changed without anybody being told. */
  readonly untold = new Set<string>();
  /** How wrong its clock is. */
  aheadMs = 0;
  /** Whether its subscriptions tell of anything but heartbeats. */
  tells = true;
  /** How probable it is that an event is lost, or comes twice. */
  loss = 0;
  repeats = 0;
  /** Milliseconds that an event may take, each for itself: so they overtake one another. */
  delayMs = 0;
  /** The last change, and the last that was a removal, in virtual time. */
  changedAt = 0;
  removedAt = -Infinity;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #store = new IncidentStore();
  readonly #ids: string[] = [];

  constructor(time: VirtualTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** Milliseconds since 1970 by its own clock. */
  get now(): number {
    return Math.floor(EPOCH_MS + this.#time.now + this.aheadMs);
  }

  get size(): number {
    return this.#store.size;
  }

  get(id: string): StoredIncident | undefined {
    return this.#store.get(id);
  }

  /** All of them, newest first. */
  get all(): readonly StoredIncident[] {
    return this.#store.list(0, this.size).incidents;
  }

  list({ page, pageSize, severities, activeOnly }: Query): { incidents: StoredIncident[]; total: number } {
    const isWhole = !severities && !activeOnly;
    const fits = (incident: StoredIncident) =>
      (!severities || severities.includes(incident.severity)) && (!activeOnly || isActive(incident));
    return this.#store.list(page * pageSize, pageSize, isWhole ? undefined : fits);
  }

  /** Some incident that is there, the newer ones more often; and those that somebody has just heard of. */
  some(): StoredIncident | undefined {
    const count = this.#ids.length;
    const newest = this.#random.chance(0.3) ? Math.min(count, 3) : count;
    const index = count - 1 - Math.floor(newest * this.#random.next() ** 2);
    return this.get(this.#ids[index] ?? '');
  }

  /** `ageMs`: it was created so long ago, and is told of only now. */
  create(isTold: boolean, ageMs = 0): StoredIncident {
    const at = this.now - ageMs;
    const severity = this.#one(SEVERITIES);
    const incident: StoredIncident = {
      id: this.#random.uuid(),
      createdAt: at,
      updatedAt: at,
      state: ageMs > 60_000 ? this.#one(STATES) : 'DETECTED',
      severity,
      type: 'INFRASTRUCTURE',
      source: 'prometheus',
      title: `Incident ${this.#ids.length}`,
      description: '',
      affectedResources: ['web-1'],
      labels: {},
      assignees: [],
      related: [],
      resolution: null,
      timeline: [],
    };
    this.#ids.push(incident.id);
    this.#put(incident);
    if (!isTold) this.untold.add(incident.id);
    else {
      this.#tell('newIncidents', wireOf(incident));
      this.#tellUpdate(incident.id, 'CREATED');
    }
    return incident;
  }

  /** Something about an incident changes. As over REST, assignees alone leave `updatedAt` as it was. */
  change(id: string, isTold: boolean): void {
    const before = this.get(id);
    if (!before) return;
    const kind = this.#random.next();
    const updatedAt = Math.max(this.now, before.updatedAt + 1);
    if (kind < 0.25) {
      const assignees = [this.#one(PEOPLE), `team-${Math.floor(this.#random.between(0, 1e9))}`];
      this.#put({ ...before, assignees });
      if (isTold) this.#tellUpdate(id, 'ASSIGNED');
    } else if (kind < 0.5) {
      this.#put({ ...before, severity: this.#one(SEVERITIES), updatedAt });
      if (isTold) this.#tellUpdate(id, 'UPDATED');
    } else {
      const state = this.#one(STATES);
      this.#put({ ...before, state, updatedAt });
      if (isTold) this.#tellUpdate(id, state === 'RESOLVED' ? 'RESOLVED' : 'STATE_CHANGED');
    }
    if (!isTold) this.untold.add(id);
  }

  /** Nobody is ever told of that. */
  remove(id: string): void {
    if (!this.#store.remove(id)) return;
    this.#ids.splice(this.#ids.indexOf(id), 1);
    this.#note(id, undefined);
    this.removedAt = this.#time.now;
  }

  heartbeat(): string {
    return `{"updateType":"HEARTBEAT","incidentId":null,"timestamp":"${instant(this.now)}"}`;
  }

  #put(incident: StoredIncident): void {
    this.#store.put(incident);
    this.#note(incident.id, incident);
  }

  #note(id: string, incident: StoredIncident | undefined): void {
    const versions = this.versions.get(id) ?? [];
    versions.push({ from: this.#time.now, incident });
    this.versions.set(id, versions);
    this.changedAt = this.#time.now;
  }

  #tellUpdate(id: string, updateType: string): void {
    const update = { updateType, incidentId: id, timestamp: instant(this.now) };
    this.#tell('incidentUpdates', JSON.stringify(update));
  }

  #tell(field: 'incidentUpdates' | 'newIncidents', value: string): void {
    if (!this.tells) return;
    for (const subscriber of [...this.subscribers]) {
      if (this.#random.chance(this.loss)) continue;
      const copies = this.#random.chance(this.repeats) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const send = () => void (this.subscribers.has(subscriber) && subscriber.next(field, value));
        if (this.delayMs > 0) this.#time.schedule(send, this.#random.between(0, this.delayMs));
        else send();
      }
    }
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random.next() * items.length)]!;
  }
}

const written = new WeakMap<StoredIncident, string>();

/** An incident with everything that a row of a feed asks for. */
export function wireOf(incident: StoredIncident): string {
  let text = written.get(incident);
  if (text === undefined) {
    const { id, title, description, severity, state, source, affectedResources, assignees, type } = incident;
    text = JSON.stringify({
      id,
      title,
      description,
      severity,
      state,
      createdAt: instant(incident.createdAt),
      updatedAt: instant(incident.updatedAt),
      source,
      incidentType: type,
      affectedResources,
      assignees,
    });
    written.set(incident, text);
  }
  return text;
}

function instant(ms: number): string {
  return formatInstant(ms, 'offset9');
}
