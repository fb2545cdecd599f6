import type { Incident } from '../protocol/incident.ts';

/** Milliseconds for which a pointer that has moved over the list keeps it still: nobody shall press what was not there. */
const POINTER_MS = 5_000;
/** How far from the end of the old list a row is looked for that is still there. */
const NEIGHBOURS = 20;

/**
 * Where in a box that scrolls its reader is. At the top, what arrives flows in; anywhere else, and at the top while somebody
 * points at a row or has it open, what is on the screen stays where it is.
 */
export class ReadingPlace {
  readonly #onScroll: () => void;
  #box: HTMLElement | undefined;
  #top = 0;
  #height = 0;
  #pointedAt = -Infinity;
  /** Not at the top only because rows came in above, not because the reader went there. */
  #isHeld = false;
  #expected = -1;

  /** @param onScroll Called when another part of the content shows. */
  constructor(onScroll: () => void) {
    this.#onScroll = onScroll;
  }

  /** Pixels, from the top of the content, at which what shows begins and ends. */
  get top(): number {
    return this.#top;
  }

  get bottom(): number {
    return this.#top + this.#height;
  }

  get height(): number {
    return this.#height;
  }

  get isAtTop(): boolean {
    return this.#top < 8;
  }

  attach(box: HTMLElement): void {
    this.#box = box;
    box.addEventListener('scroll', this.#onBoxScroll, { passive: true });
    box.addEventListener('pointermove', this.#onPointer, { passive: true });
    box.addEventListener('pointerleave', this.#onLeave, { passive: true });
  }

  rest(): void {
    const box = this.#box;
    this.#box = undefined;
    box?.removeEventListener('scroll', this.#onBoxScroll);
    box?.removeEventListener('pointermove', this.#onPointer);
    box?.removeEventListener('pointerleave', this.#onLeave);
  }

  measure(): void {
    this.#height = this.#box?.clientHeight ?? 0;
    this.#top = this.#box?.scrollTop ?? 0;
  }

  /**
   * Whether the place is to be kept when the content changes.
   * @param isUsed Whether the reader has a row open, or focus in one.
   */
  holds(isUsed: boolean): boolean {
    const isReading = isUsed || performance.now() - this.#pointedAt < POINTER_MS;
    if (!isReading && this.#isHeld) this.toTop();
    if (!this.isAtTop) return true;
    this.#isHeld = isReading;
    return isReading;
  }

  /** After the content has changed: shows it from `top`. */
  keep(top: number): void {
    if (Math.abs(top - this.#top) >= 1) this.#set(top);
  }

  toTop(): void {
    this.#isHeld = false;
    this.#set(0);
  }

  /** Scrolls as little as it takes to show what is between `from` and `to`. */
  reveal(from: number, to: number): void {
    if (from < this.#top) this.#set(from);
    else if (to > this.bottom) this.#set(Math.min(from, to - this.#height));
  }

  #set(top: number): void {
    if (!this.#box) return;
    this.#box.scrollTop = top;
    this.#top = this.#expected = this.#box.scrollTop;
  }

  #onBoxScroll = () => {
    if (!this.#box) return;
    this.#top = this.#box.scrollTop;
    if (Math.abs(this.#top - this.#expected) > 1) this.#isHeld = false;
    this.#expected = -1;
    this.#onScroll();
  };

  #onPointer = ({ pointerType }: PointerEvent) => {
    if (pointerType === 'mouse') this.#pointedAt = performance.now();
  };

  #onLeave = () => {
    this.#pointedAt = -Infinity;
  };
}

/**
 * Where in `rows` the incident is that was at `index` of `before`, or the nearest after it, else before it, that is still
 * there; else whatever is in its place now. -1 if there are none. With `id`, that of the row looked for: else the one at `index`.
 */
export function survivor(
  before: readonly Incident[],
  index: number,
  rows: readonly Incident[],
  id = before[index]?.id,
): number {
  const same = id === undefined ? -1 : indexNear(rows, id, index);
  if (same >= 0) return same;
  for (let step = 1; step <= NEIGHBOURS; step++) {
    for (const near of [before[index + step], before[index - step]]) {
      const found = near ? indexNear(rows, near.id, index) : -1;
      if (found >= 0) return found;
    }
  }
  return Math.min(index, rows.length - 1);
}

/** Looks outward from `index`, near which nearly everything is after most changes. */
function indexNear(rows: readonly Incident[], id: string, index: number): number {
  const from = Math.min(Math.max(0, index), rows.length);
  for (let step = 0; from + step < rows.length || from - step > 0; step++) {
    if (rows[from + step]?.id === id) return from + step;
    if (rows[from - step - 1]?.id === id) return from - step - 1;
  }
  return -1;
}
