import { createSourceEventStream, execute, type ExecutionResult } from 'graphql';
import type { StreamEvent } from './events.ts';
import type { Prepared } from './operations.ts';
import type { Switches } from './switches.ts';
import { Topic } from './topic.ts';

/** Where the frames of one subscription go. */
export interface Outlet {
  send(frame: string): void;
}

/** One subscription of one socket. */
interface Listener {
  readonly outlet: Outlet;
  /** As JSON. */
  readonly id: string;
  heartbeat: NodeJS.Timeout | undefined;
}

/** Subscriptions that mean the same. Each event is executed and put into text once for all of them. */
interface LiveOperation {
  readonly prepared: Prepared;
  readonly topic: Topic;
  readonly listeners: Set<Listener>;
}

/** All subscriptions of one server. */
export class LiveOperations {
  readonly #switches: Switches;
  readonly #operations = new Map<string, LiveOperation>();
  /** How many frames with events have been sent; heartbeats are not counted. */
  sent = 0;

  constructor(switches: Switches) {
    this.#switches = switches;
  }

  /** How many subscriptions are open. */
  get size(): number {
    let size = 0;
    for (const { listeners } of this.#operations.values()) size += listeners.size;
    return size;
  }

  /** Sends `next` frames for `id` until the undo runs; or tells what is wrong with the arguments. */
  async open(prepared: Prepared, outlet: Outlet, id: string): Promise<ExecutionResult | (() => void)> {
    const topic = await createSourceEventStream(prepared.args);
    if (!(topic instanceof Topic)) return { data: null, ...(topic as ExecutionResult) };
    const operation = this.#operations.get(prepared.key) ?? { prepared, topic, listeners: new Set() };
    this.#operations.set(prepared.key, operation);
    const listener: Listener = { outlet, id: JSON.stringify(id), heartbeat: undefined };
    operation.listeners.add(listener);
    this.#beat(operation, listener);
    return () => {
      clearTimeout(listener.heartbeat);
      operation.listeners.delete(listener);
      if (operation.listeners.size === 0) this.#operations.delete(prepared.key);
    };
  }

  /** Tells all whom it concerns. As async-graphql has it, there is nothing to tell: its streams are stubs. */
  deliver(event: StreamEvent): void {
    if (this.#switches.mode === 'async-graphql') return;
    for (const operation of this.#operations.values()) {
      const value = operation.topic.pick(event);
      if (value === undefined) continue;
      const payload = render(operation, value);
      for (const { outlet, id } of operation.listeners) {
        outlet.send(nextFrame(id, payload));
        this.sent += 1;
      }
    }
  }

  /** Begins all heartbeats anew, after their pace was changed. */
  restartHeartbeats(): void {
    for (const operation of this.#operations.values()) {
      for (const listener of operation.listeners) {
        clearTimeout(listener.heartbeat);
        this.#beat(operation, listener);
      }
    }
  }

  #beat(operation: LiveOperation, listener: Listener): void {
    const { on, everyMs } = this.#switches.get('incidents-heartbeats');
    const { topic, prepared } = operation;
    if (!on || !topic.heartbeat) return;
    const value = topic.heartbeat(prepared.args.contextValue.clock.time());
    listener.outlet.send(nextFrame(listener.id, render(operation, value)));
    listener.heartbeat = setTimeout(() => this.#beat(operation, listener), everyMs);
  }
}

/** A `next` frame. `id` is JSON already. */
function nextFrame(id: string, payload: string): string {
  return `{"id":${id},"type":"next","payload":${payload}}`;
}

function render({ prepared, topic }: LiveOperation, value: object): string {
  return JSON.stringify(execute({ ...prepared.args, rootValue: { [topic.field]: value } }));
}
