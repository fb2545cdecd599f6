import type { Incident } from '../protocol/incident.ts';
import { byNewest, severityRank } from '../protocol/incident-words.ts';

/** An incident that is held. */
export interface Row {
  incident: Incident;
  /** With what pending actions would make of it. */
  shown: Incident;
  /** When the server last had it like this, on the store's clock. */
  provedAt: number;
  /** Not held any more: whoever still has this row is to leave it out. */
  isGone: boolean;
}

/** Positive if `one` makes room before `other`: what is done first, then the less severe, then the older. */
function byNeed(one: Incident, other: Incident): number {
  return (
    Number(one.phase === 'done') - Number(other.phase === 'done') ||
    severityRank(one.severity) - severityRank(other.severity) ||
    byNewest(one, other)
  );
}

/** The rows of a store, of which the least important one is at hand. Rows that are gone are left out when they come up. */
export class EvictionHeap {
  #rows: Row[] = [];

  /** Whether one may stand in the place of the other, here and among the rows in order of time. */
  isSameRank(one: Incident, other: Incident): boolean {
    return one.createdAt === other.createdAt && one.id === other.id && byNeed(one, other) === 0;
  }

  push(row: Row): void {
    const rows = this.#rows;
    let at = rows.push(row) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (byNeed(rows[parent]!.incident, row.incident) >= 0) break;
      rows[at] = rows[parent]!;
      at = parent;
    }
    rows[at] = row;
  }

  /** Takes out the row that has to go first. */
  pop(): Row | undefined {
    for (;;) {
      const top = this.#rows[0];
      const last = this.#rows.pop();
      if (!top || !last) return undefined;
      if (top !== last) this.#sink(last);
      if (!top.isGone) return top;
    }
  }

  /** A row has gone, and `held` are left: keeps those that are gone from piling up. */
  dropped(held: number): void {
    if (this.#rows.length <= 2 * held + 64) return;
    const rows = this.#rows.filter(({ isGone }) => !isGone);
    this.#rows = [];
    for (const row of rows) this.push(row);
  }

  clear(): void {
    this.#rows = [];
  }

  /** Puts `row` in the place of the first one, and then where it belongs. */
  #sink(row: Row): void {
    const rows = this.#rows;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= rows.length) break;
      const right = rows[child + 1];
      if (right && byNeed(right.incident, rows[child]!.incident) > 0) child++;
      if (byNeed(row.incident, rows[child]!.incident) >= 0) break;
      rows[at] = rows[child]!;
      at = child;
    }
    rows[at] = row;
  }
}
