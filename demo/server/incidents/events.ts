import type { StoredAlert, StoredIncident } from './model.ts';
import type { Switches } from './switches.ts';

export interface IncidentUpdate {
  readonly updateType: string;
  /** `null` in heartbeats only. */
  readonly incidentId: string | null;
  readonly timestamp: number;
}

export interface StateChange {
  readonly incidentId: string;
  readonly oldState: string;
  readonly newState: string;
  readonly changedBy: string;
  readonly timestamp: number;
}

/** Something that subscribers may hear of. `incident` is as it was then. */
export type StreamEvent =
  | { readonly kind: 'created'; readonly incident: StoredIncident }
  | { readonly kind: 'update'; readonly incident: StoredIncident; readonly update: IncidentUpdate }
  | { readonly kind: 'state'; readonly change: StateChange }
  | { readonly kind: 'alert'; readonly alert: StoredAlert };

/** For how long events are collected before they go out in the wrong order. */
const REORDER_MS = 50;

/** The way of events from what happened to the subscribers, with everything that can go wrong on it. */
export class EventStream {
  readonly #switches: Switches;
  readonly #deliver: (event: StreamEvent) => void;
  #held: StreamEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** How many have happened. */
  emitted = 0;
  /** How many of them a fault has swallowed. */
  dropped = 0;

  constructor(switches: Switches, deliver: (event: StreamEvent) => void) {
    this.#switches = switches;
    this.#deliver = deliver;
  }

  emit(event: StreamEvent): void {
    this.emitted += 1;
    if (this.#switches.take('incidents-drop-events')) {
      this.dropped += 1;
      return;
    }
    const copies = 1 + (this.#switches.take('incidents-duplicate-events')?.times ?? 0);
    for (let copy = 0; copy < copies; copy += 1) this.#send(event);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
  }

  /** Also the counters. */
  reset(): void {
    this.close();
    this.emitted = 0;
    this.dropped = 0;
  }

  #send(event: StreamEvent): void {
    if (!this.#switches.get('incidents-reorder-events').on) return this.#deliver(event);
    this.#held.push(event);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const late of this.#held.splice(0).reverse()) this.#deliver(late);
    }, REORDER_MS);
  }
}
