import type { Environment, LifecycleEvent } from '../../../src/client.ts';
import type { Random } from '../random.ts';
import type { Process, VirtualTime } from '../virtual-time.ts';
import { EPOCH_MS } from './manager.ts';
import type { Wire } from './wire.ts';

const SHORTEST_MS = 0.01;

/** A page that shows incidents: its clocks, its life, and what it has not tidied away. */
export class Page {
  readonly environment: Environment;
  isVisible = true;
  isOnline = true;
  /** How wrong the machine's clock is. */
  clockErrorMs = 0;
  /** Time for which the monotonic clock stood still. */
  stoodStillMs = 0;
  readonly #timers = new Set<object>();
  readonly #listeners = new Set<(event: LifecycleEvent) => void>();
  readonly #process: Process;

  constructor(time: VirtualTime, random: Random, wire: Wire, process: Process) {
    this.#process = process;
    this.environment = {
      fetch: wire.fetch,
      WebSocket: wire.WebSocket,
      setTimer: (run, delayMs) => {
        const timer = {};
        this.#timers.add(timer);
        // Never no time at all: of a difference of clock readings, what rounding leaves would go round in circles.
        const cancel = time.schedule(
          () => {
            this.#timers.delete(timer);
            run();
          },
          Math.max(SHORTEST_MS, delayMs),
          process,
        );
        return () => {
          this.#timers.delete(timer);
          cancel();
        };
      },
      monotonicNow: () => time.now - this.stoodStillMs,
      random: () => random.next(),
      uuid: () => random.uuid(),
      now: () => EPOCH_MS + time.now + this.clockErrorMs,
      isOnline: () => this.isOnline,
      isVisible: () => this.isVisible,
      onLifecycle: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      shared: new Map(),
      location: undefined,
    };
  }

  /** Whether its code runs at all. */
  get isRunning(): boolean {
    return this.#process.state === 'running';
  }

  /** Timers and listeners that are set. */
  get left(): number {
    return this.#timers.size + this.#listeners.size;
  }

  tell(event: LifecycleEvent): void {
    if (event === 'visible' || event === 'hidden') this.isVisible = event === 'visible';
    if (event === 'online' || event === 'offline') this.isOnline = event === 'online';
    for (const listener of [...this.#listeners]) listener(event);
  }
}
