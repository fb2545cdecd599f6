import type { FeedGroup } from './feed-rows.ts';

/** Sizes in CSS pixels. */
export interface FeedSizes {
  readonly row: number;
  readonly group: number;
  /** Place of the row that is open, or -1, and how much taller that makes it. */
  readonly open: number;
  readonly openExtra: number;
}

/** Where each row and each heading of a group is, in CSS pixels from the top: rows are equally tall, but for the open one. */
export class FeedGeometry {
  readonly #count: number;
  readonly #groups: readonly FeedGroup[];
  readonly #sizes: FeedSizes;

  constructor(count: number, groups: readonly FeedGroup[], sizes: FeedSizes) {
    this.#count = count;
    this.#groups = groups;
    this.#sizes = sizes;
  }

  get height(): number {
    return this.#above(this.#count, this.#groups.length);
  }

  row(index: number): number {
    return this.#above(index, this.groupOf(index) + 1);
  }

  heightOf(index: number): number {
    return this.#sizes.row + (index === this.#sizes.open ? this.#sizes.openExtra : 0);
  }

  heading(group: number): number {
    return this.#above(this.#groups[group]?.start ?? this.#count, group);
  }

  /** The group that the row is in; -1 when there are none. */
  groupOf(index: number): number {
    return last(this.#groups.length, (group) => (this.#groups[group]?.start ?? 0) <= index);
  }

  /** The row at `y`, or the first below it. */
  at(y: number): number {
    return Math.max(
      0,
      last(this.#count, (index) => this.row(index) <= y),
    );
  }

  #above(rows: number, headings: number): number {
    const { row, group, open, openExtra } = this.#sizes;
    return rows * row + headings * group + (open >= 0 && open < rows ? openExtra : 0);
  }
}

/** The last of `count` places of which `holds` is true; it is so of all before. -1 if of none. */
function last(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
