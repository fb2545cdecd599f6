/**
 * Time that passes only when there is nothing left to do. One task runs at a time, with everything that follows from it
 * in microtasks, so that a seed gives the same run on every machine.
 */

/** Who a task belongs to. Tasks of a frozen process wait until it goes on; those of a dead one never run. */
export interface Process {
  readonly name: string;
  state: 'running' | 'frozen' | 'dead';
  readonly held: Task[];
}

export interface Task {
  at: number;
  order: number;
  readonly run: () => void;
  /** Held back and dropped with this process. */
  readonly gate: Process | undefined;
  /** Whose code it runs, for what that code reaches through globals. */
  readonly owner: Process | undefined;
  /** Set through a global, by a library that is not ours. */
  readonly isForeign: boolean;
  cancelled: boolean;
}

export type Cancel = () => void;

/** Tasks that one turn of the real event loop may run; microtasks run to their end between two of them. */
const BATCH = 256;
/** Tasks in one run: more than any schedule needs. Something goes round in circles then. */
const MOST_STEPS = 400_000;
const realSetImmediate = globalThis.setImmediate;

export class VirtualTime {
  #now = 0;
  #order = 0;
  #lastImmediate = 0;
  #steps = 0;
  readonly #heap: Task[] = [];
  /** Whose code runs now. */
  current: Process | undefined;

  /** Milliseconds since the simulation began; never goes back. */
  get now(): number {
    return this.#now;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Runs `run` after `delayMs`, as `gate`'s if there is one, else as nobody's or `owner`'s. */
  schedule(
    run: () => void,
    delayMs: number,
    gate?: Process,
    owner: Process | undefined = gate,
    isForeign = false,
  ): Cancel {
    const at = this.#now + Math.max(0, Number.isFinite(delayMs) ? delayMs : 0);
    const task: Task = { at, order: this.#order++, run, gate, owner, isForeign, cancelled: false };
    this.#push(task);
    return () => {
      task.cancelled = true;
    };
  }

  /** What `setImmediate` promises: in order, one after the other. `spreadMs` is what each takes. */
  immediate(run: () => void, spreadMs: number): Cancel {
    const at = Math.max(this.#lastImmediate, this.#now + spreadMs);
    this.#lastImmediate = at;
    return this.schedule(run, at - this.#now, undefined, this.current);
  }

  freeze(process: Process): void {
    if (process.state === 'running') process.state = 'frozen';
  }

  /** What came meanwhile happens now, in its order, after `first`. */
  thaw(process: Process, first?: () => void): void {
    if (process.state !== 'frozen') return;
    process.state = 'running';
    if (first) this.schedule(first, 0, process);
    for (const task of process.held.splice(0)) {
      task.at = this.#now;
      task.order = this.#order++;
      this.#push(task);
    }
  }

  kill(process: Process): void {
    process.state = 'dead';
    process.held.length = 0;
  }

  /**
   * Tasks of `process` that are still to come, held ones included. Without those of libraries: SignalR leaves a timer
   * behind when the server closes.
   */
  pending(process: Process): number {
    const mine = (task: Task) =>
      !task.cancelled && !task.isForeign && (task.gate === process || task.owner === process);
    return this.#heap.filter(mine).length + process.held.filter(mine).length;
  }

  /** Runs everything due until `end`, or until `enough` says so between two tasks. */
  async runUntil(end: number, enough: () => boolean = () => false): Promise<void> {
    let finished = false;
    const step = () => {
      if (finished) return;
      this.current = undefined;
      if (this.#steps > MOST_STEPS || enough() || !this.#runNext(end)) finished = true;
    };
    while (!finished) {
      await new Promise<void>((resolve) => {
        for (let i = 0; i < BATCH; i++) realSetImmediate(step);
        realSetImmediate(resolve);
      });
    }
    this.current = undefined;
    if (this.#steps > MOST_STEPS) throw new Error(`No end after ${MOST_STEPS} tasks.`);
  }

  #runNext(end: number): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (!next || next.at > end) {
        this.#now = Math.max(this.#now, end);
        return false;
      }
      this.#pop();
      if (next.cancelled) continue;
      if (next.gate?.state === 'dead') continue;
      if (next.gate?.state === 'frozen') {
        next.gate.held.push(next);
        continue;
      }
      this.#now = Math.max(this.#now, next.at);
      this.#steps++;
      this.current = next.owner;
      next.run();
      return true;
    }
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(task, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
