import type { Incident, IncidentAction } from '../protocol/incident.ts';
import { byNewest } from '../protocol/incident-words.ts';
import { EvictionHeap, type Row } from './incident-eviction.ts';
import { completed, isSame, isSameList } from './incident-same.ts';

export interface IncidentStoreOptions {
  /** Most rows held, from 1 on. */
  limit: number;
  /** What belongs into this store. Default: everything. */
  filter?: (incident: Incident) => boolean;
}

/** When incidents were learnt, in milliseconds of one clock that never goes back. */
export interface Learnt {
  /** When they were asked for, where they were. */
  asked?: number;
  /** When they arrived without being asked for. */
  heard?: number;
}

/** What {@link IncidentStore.apply} made of a list. */
export interface Applied {
  /** Of the filter, and not known before. */
  readonly added: readonly Incident[];
  /** Known before, and different from what was known: held now, or until now. */
  readonly changed: readonly Incident[];
}

/** Of an incident that was heard of, held or not. */
interface Known {
  updatedAt: number;
  /** When this was asked for; -Infinity where it came by itself. */
  asked: number;
  /** When this version became known. */
  since: number;
  row: Row | undefined;
}

/** Ids remembered. */
const MAX_KNOWN = 100_000;
/** Forgetting goes through all of them, and is done for so many at a time. */
const KNOWN_SLACK = 5_000;
/** By then the parts of a server agree: an answer asked for later than this is believed although it says "older". */
const AGREED_MS = 5_000;

/**
 * Incidents of one filter: merged by id, the newest version of each, the most important ones where there are too many.
 * Pure and synchronous: no timers, no clock. A change costs O(log n); reading `rows` after changes costs O(n), once.
 *
 * The newest `updatedAt` wins; of equal ones that which was asked for last. What was asked for wins over what came by
 * itself, and an answer to a later question even if it says "older": see `AGREED_MS`.
 */
export class IncidentStore {
  readonly #limit: number;
  readonly #filter: (incident: Incident) => boolean;
  /** In the order in which they were first heard of. */
  readonly #known = new Map<string, Known>();
  readonly #heap = new EvictionHeap();
  #held = 0;
  /** Newest first, but for those in `#fresh`; some may be gone. */
  #sorted: Row[] = [];
  #fresh: Row[] = [];
  #hasGaps = false;
  #rows: readonly Incident[] | undefined = [];
  #pending: ReadonlyMap<string, readonly IncidentAction[]> = new Map();
  #applyAction: (incident: Incident, action: IncidentAction) => Incident = (incident) => incident;

  constructor({ limit, filter = () => true }: IncidentStoreOptions) {
    this.#limit = limit;
    this.#filter = filter;
  }

  /** Newest first by (`createdAt`, `id`), with what pending actions make of them. The same array until something changes. */
  get rows(): readonly Incident[] {
    return (this.#rows ??= this.#settle().map(({ shown }) => shown));
  }

  /** How many are held. */
  get size(): number {
    return this.#held;
  }

  /** How many ids were heard of: at most 100,000, and those held. */
  get known(): number {
    return this.#known.size;
  }

  /** Held, as it is shown. */
  get(id: string): Incident | undefined {
    return this.#known.get(id)?.row?.shown;
  }

  /** Held, as the server has it. */
  base(id: string): Incident | undefined {
    return this.#known.get(id)?.row?.incident;
  }

  /** Whether `id` was heard of. */
  knows(id: string): boolean {
    return this.#known.has(id);
  }

  /** When the server was last asked and had `id` as it is held, or it came by itself; `undefined` if it is not held. */
  provedAt(id: string): number | undefined {
    return this.#known.get(id)?.row?.provedAt;
  }

  /** Merges `incidents`. The last of several with one id counts, if they are of equal age. */
  apply(incidents: Iterable<Incident>, { asked, heard }: Learnt = {}): Applied {
    const added = new Map<string, Incident>();
    const changed = new Map<string, Incident>();
    for (const incident of incidents) {
      const { id } = incident;
      const known = this.#known.get(id);
      if (!known) {
        if (!this.#filter(incident)) continue;
        this.#learn(incident, asked, heard);
        added.set(id, incident);
      } else if (this.#update(known, incident, asked, heard)) {
        if (added.has(id)) added.set(id, incident);
        else changed.set(id, incident);
      }
    }
    this.#evict();
    return { added: [...added.values()], changed: [...changed.values()] };
  }

  /**
   * After everything was asked for from `since` on: the ids of those held that no answer has spoken of since then, the oldest
   * ones first. At most `max`.
   */
  reconcile(since: number, max = Infinity): string[] {
    const ids: string[] = [];
    const rows = this.#settle();
    for (let i = rows.length - 1; i >= 0 && ids.length < max; i--) {
      const { incident, provedAt } = rows[i]!;
      if (provedAt < since) ids.push(incident.id);
    }
    return ids;
  }

  /** The server has none of these any more. They stay known. Returns those that were held. */
  remove(ids: Iterable<string>): Incident[] {
    const removed: Incident[] = [];
    for (const id of ids) {
      const known = this.#known.get(id);
      if (!known?.row) continue;
      removed.push(known.row.incident);
      this.#drop(known);
    }
    return removed;
  }

  /**
   * What waits to be done, in that order, and what each would make of an incident. Rows whose actions are the same objects
   * as before stay the same. Returns whether any row changed.
   */
  overlay(
    actions: readonly IncidentAction[],
    applyAction: (incident: Incident, action: IncidentAction) => Incident,
  ): boolean {
    const before = this.#pending;
    const pending = new Map<string, IncidentAction[]>();
    for (const action of actions) pending.set(action.id, [...(pending.get(action.id) ?? []), action]);
    this.#pending = pending;
    this.#applyAction = applyAction;
    let isChanged = false;
    for (const id of new Set([...before.keys(), ...pending.keys()])) {
      const row = this.#known.get(id)?.row;
      if (!row || isSameList(before.get(id) ?? [], pending.get(id) ?? [])) continue;
      row.shown = this.#shown(row.incident);
      this.#rows = undefined;
      isChanged = true;
    }
    return isChanged;
  }

  /** Everything is forgotten, but for what is pending. */
  clear(): void {
    this.#known.clear();
    this.#heap.clear();
    this.#sorted = this.#fresh = [];
    this.#held = 0;
    this.#hasGaps = false;
    this.#rows = [];
  }

  #learn(incident: Incident, asked = -Infinity, heard = asked): void {
    const { id, updatedAt } = incident;
    const known: Known = { updatedAt, asked, since: heard, row: undefined };
    this.#known.set(id, known);
    this.#hold(known, incident, heard);
    if (this.#known.size > MAX_KNOWN + KNOWN_SLACK) this.#forget();
  }

  /** Returns whether that is a change to tell of. */
  #update(known: Known, told: Incident, asked = -Infinity, heard = asked): boolean {
    const { row } = known;
    const isOlder = told.updatedAt < known.updatedAt;
    const wins = isOlder
      ? asked > known.since + AGREED_MS
      : told.updatedAt > known.updatedAt || asked >= known.asked;
    if (!wins) {
      // Not newer than what is held, which may be as true: only the same content proves it.
      if (row && !isOlder && isSame(row.incident, told)) row.provedAt = Math.max(row.provedAt, heard);
      return false;
    }
    const isNews = told.updatedAt !== known.updatedAt;
    const incident = row ? completed(told, row.incident) : told;
    const differs = row ? !isSame(row.incident, incident) : isNews;
    if (differs || isNews) known.since = heard;
    known.updatedAt = told.updatedAt;
    known.asked = Math.max(known.asked, asked);
    if (!this.#filter(incident)) {
      if (row) this.#drop(known);
      return row !== undefined;
    }
    const tellsMore = row && !row.incident.assignees && incident.assignees;
    if (!row || differs || tellsMore) this.#hold(known, incident, heard);
    else row.provedAt = Math.max(row.provedAt, heard);
    return differs;
  }

  /** Puts `incident` in the place of what is held of it. */
  #hold(known: Known, incident: Incident, provedAt: number): void {
    const { row } = known;
    this.#rows = undefined;
    if (row && this.#heap.isSameRank(row.incident, incident)) {
      row.incident = incident;
      row.shown = this.#shown(incident);
      row.provedAt = Math.max(row.provedAt, provedAt);
      return;
    }
    if (row) this.#drop(known);
    known.row = { incident, shown: this.#shown(incident), provedAt, isGone: false };
    this.#held++;
    this.#fresh.push(known.row);
    this.#heap.push(known.row);
  }

  #drop(known: Known): void {
    if (!known.row) return;
    known.row.isGone = true;
    known.row = undefined;
    this.#held--;
    this.#hasGaps = true;
    this.#rows = undefined;
    this.#heap.dropped(this.#held);
  }

  #evict(): void {
    while (this.#held > this.#limit) {
      const known = this.#known.get(this.#heap.pop()?.incident.id ?? '');
      if (!known) return;
      this.#drop(known);
    }
  }

  /** The oldest ones that are not held. */
  #forget(): void {
    for (const [id, { row }] of this.#known) {
      if (this.#known.size <= MAX_KNOWN) return;
      if (!row) this.#known.delete(id);
    }
  }

  #shown(incident: Incident): Incident {
    const actions = this.#pending.get(incident.id);
    return actions ? actions.reduce(this.#applyAction, incident) : incident;
  }

  /** Puts what is new between what was there. */
  #settle(): readonly Row[] {
    if (this.#hasGaps) this.#sorted = this.#sorted.filter(({ isGone }) => !isGone);
    if (this.#fresh.length > 0) {
      const fresh = this.#fresh.filter(({ isGone }) => !isGone);
      this.#sorted = merge(fresh.sort(byRow), this.#sorted);
    }
    this.#fresh = [];
    this.#hasGaps = false;
    return this.#sorted;
  }
}

function byRow(one: Row, other: Row): number {
  return byNewest(one.incident, other.incident);
}

function merge(fresh: readonly Row[], sorted: readonly Row[]): Row[] {
  const merged: Row[] = [];
  let i = 0;
  for (const row of sorted) {
    while (i < fresh.length && byRow(fresh[i]!, row) <= 0) merged.push(fresh[i++]!);
    merged.push(row);
  }
  while (i < fresh.length) merged.push(fresh[i++]!);
  return merged;
}
