import type { Undo } from '../protocol/emitter.ts';
import type { Incident } from '../protocol/incident.ts';
import type { Environment } from './environment.ts';

/** In a flood, what came is passed on once a frame. */
const FRAME_MS = 16;
/** Ids of incidents that came whole. */
const MAX_BROUGHT = 20_000;

/** Gathers new incidents that come by themselves, so that those of one moment are one change. */
export class EventBuffer {
  readonly #environment: Pick<Environment, 'monotonicNow' | 'setTimer'>;
  readonly #pass: (incidents: readonly Incident[], heard: number) => void;
  #incidents: Incident[] = [];
  /** When the first of those came, on the monotonic clock. */
  #heard = 0;
  #passedAt = -Infinity;
  #cancel: Undo | undefined;
  readonly #brought = new Set<string>();

  constructor(
    environment: Pick<Environment, 'monotonicNow' | 'setTimer'>,
    pass: (incidents: readonly Incident[], heard: number) => void,
  ) {
    this.#environment = environment;
    this.#pass = pass;
  }

  add(incident: Incident): void {
    const now = this.#environment.monotonicNow();
    if (this.#incidents.push(incident) === 1) this.#heard = now;
    if (this.#brought.size >= MAX_BROUGHT) this.#brought.clear();
    this.#brought.add(incident.id);
    this.#cancel ??= this.#environment.setTimer(
      () => {
        this.#cancel = undefined;
        this.#passedAt = this.#environment.monotonicNow();
        const incidents = this.#incidents;
        this.#incidents = [];
        this.#pass(incidents, this.#heard);
      },
      Math.max(0, this.#passedAt + FRAME_MS - now),
    );
  }

  /** Whether `id` came whole a while ago: that it was created is no news then. */
  brought(id: string): boolean {
    return this.#brought.has(id);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#incidents = [];
    this.#brought.clear();
  }
}
