import type { StoredIncident } from './model.ts';

/** What is listed: one page, and how many there are on all of them. */
export interface Listing {
  incidents: StoredIncident[];
  total: number;
}

type Matches = (incident: StoredIncident) => boolean;

/** All incidents, in memory. Lists are ordered by `createdAt`, newest first, whatever anybody asks for. */
export class IncidentStore {
  readonly #byId = new Map<string, StoredIncident>();
  /** Oldest first, so that a new one goes to the end. */
  #ordered: StoredIncident[] = [];

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): StoredIncident | undefined {
    return this.#byId.get(id);
  }

  /** Adds it, or puts it in the place of the one with its id. */
  put(incident: StoredIncident): void {
    const former = this.#byId.get(incident.id);
    this.#byId.set(incident.id, incident);
    if (former?.createdAt === incident.createdAt) {
      this.#ordered[this.#place(incident)] = incident;
      return;
    }
    if (former) this.#ordered.splice(this.#place(former), 1);
    const place = this.#place(incident);
    if (place === this.#ordered.length) this.#ordered.push(incident);
    else this.#ordered.splice(place, 0, incident);
  }

  remove(id: string): boolean {
    const incident = this.#byId.get(id);
    if (!incident) return false;
    this.#byId.delete(id);
    this.#ordered.splice(this.#place(incident), 1);
    return true;
  }

  clear(): void {
    this.#byId.clear();
    this.#ordered = [];
  }

  /** `count` incidents that match, after the first `skip` of them. */
  list(skip: number, count: number, matches?: Matches): Listing {
    const incidents: StoredIncident[] = [];
    const end = this.#ordered.length;
    if (!matches) {
      for (let index = end - 1 - skip; index >= 0 && incidents.length < count; index -= 1) {
        incidents.push(this.#ordered[index] as StoredIncident);
      }
      return { incidents, total: end };
    }
    let total = 0;
    for (let index = end - 1; index >= 0; index -= 1) {
      const incident = this.#ordered[index] as StoredIncident;
      if (!matches(incident)) continue;
      if (total >= skip && incidents.length < count) incidents.push(incident);
      total += 1;
    }
    return { incidents, total };
  }

  /** How many of those that match are newer than `id`; `undefined` if it is not there. */
  rank(id: string, matches: Matches = () => true): number | undefined {
    const incident = this.#byId.get(id);
    if (!incident) return undefined;
    return this.#ordered.slice(this.#place(incident) + 1).filter(matches).length;
  }

  /** The nth oldest; for a generator that picks some incident. */
  at(index: number): StoredIncident | undefined {
    return this.#ordered[index];
  }

  /** Where it is, or would go. */
  #place({ createdAt, id }: StoredIncident): number {
    let [low, high] = [0, this.#ordered.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#ordered[middle] as StoredIncident;
      const isBefore = other.createdAt < createdAt || (other.createdAt === createdAt && other.id < id);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
