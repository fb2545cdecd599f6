import { errorFromDetails } from '../protocol/error-details.ts';
import type { IncidentAction } from '../protocol/incident.ts';
import type { Outbox, OutboxRecord } from '../queue/outbox.ts';
import { readStored } from './incident-action-check.ts';
import type { PendingAction } from './incident-types.ts';

export interface PendingPorts {
  isConnected(): boolean;
  onChange(): void;
}

/** The outbox as whoever shows incidents sees it: actions that the server does not have yet, or refused. */
export class PendingActions {
  readonly #outbox: Outbox;
  readonly #ports: PendingPorts;
  #list: readonly PendingAction[] | undefined;
  readonly #shown = new WeakMap<OutboxRecord, PendingAction>();
  /** Not in the outbox yet, or no more while nobody here has seen what they did. */
  readonly #beside = new Map<string, PendingAction>();

  constructor(outbox: Outbox, ports: PendingPorts) {
    this.#outbox = outbox;
    this.#ports = ports;
  }

  /** In the order in which they were asked for. Identity as in `IncidentFeed.pending`. */
  get list(): readonly PendingAction[] {
    this.#list ??= this.#read();
    return this.#list;
  }

  /** What is to be done about one incident, in order. */
  of(incidentId: string): readonly IncidentAction[] {
    return this.#waiting(incidentId).map(({ action }) => action);
  }

  /** The id of the last action that waits or is under way for its incident, if that is the same in every part. */
  find(action: IncidentAction): string | undefined {
    const last = this.#waiting(action.id).at(-1);
    return last && JSON.stringify(last.action) === JSON.stringify(action) ? last.id : undefined;
  }

  /** Shows an action that is being stored. */
  begin({ id, action, at }: Pick<PendingAction, 'id' | 'action' | 'at'>): void {
    const state = this.#ports.isConnected() ? 'sending' : 'queued';
    this.#beside.set(id, { id, action, at, state, error: undefined, persisted: false });
    this.changed();
  }

  /** Goes on showing one that has left the outbox. */
  keep(record: OutboxRecord): void {
    const item = this.#toPending(record);
    if (item) this.#beside.set(record.id, item);
  }

  /** What {@link begin} or {@link keep} began. */
  end(id: string): void {
    if (this.#beside.delete(id)) this.changed();
  }

  changed(): void {
    this.#list = undefined;
    this.#ports.onChange();
  }

  #waiting(incidentId: string): readonly PendingAction[] {
    return this.list.filter(({ action, state }) => action.id === incidentId && state !== 'failed');
  }

  #read(): readonly PendingAction[] {
    const held = this.#outbox.list();
    const ids = new Set(held.map(({ id }) => id));
    const beside = [...this.#beside.values()].filter(({ id }) => !ids.has(id));
    return [...held.flatMap((record) => this.#toPending(record) ?? []), ...beside];
  }

  /** `undefined` for what another version wrote and this one does not understand. */
  #toPending(record: OutboxRecord): PendingAction | undefined {
    const { state: stage, id, createdAt: at, persisted } = record;
    const isUnderWay = stage !== 'queued' && this.#ports.isConnected();
    const state = stage === 'failed' ? stage : isUnderWay ? 'sending' : 'queued';
    const known = this.#shown.get(record);
    if (known?.state === state) return known;
    const action = readAction(record);
    if (!action) return undefined;
    const error = record.error && errorFromDetails(record.error);
    const item: PendingAction = { id, action, state, error, at, persisted };
    this.#shown.set(record, item);
    return item;
  }
}

function readAction({ message }: OutboxRecord): IncidentAction | undefined {
  try {
    return readStored(message.data).action;
  } catch {
    return undefined; // It fails when it is to be sent, in words.
  }
}
