import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One stored message. */
export interface StoredMessage {
  readonly id: string;
  readonly threadId: string;
  readonly requestId: string;
  readonly participantId: string;
  readonly workflowId: string;
  readonly scope: string | null;
  readonly direction: 'Incoming' | 'Outgoing';
  readonly text: string;
  /** Milliseconds since 1970 on the server's clock. */
  readonly createdAt: number;
  /** Virtual milliseconds. */
  readonly storedAt: number;
}

export type Draft = Pick<
  StoredMessage,
  'requestId' | 'participantId' | 'workflowId' | 'scope' | 'direction' | 'text'
>;

/** A question for one page of history, newest first. */
export interface HistoryQuery {
  readonly workflowId: string;
  readonly participantId: string;
  readonly scope: string | null;
  readonly page: number;
  readonly pageSize: number;
}

/** Hears of everything that is stored. */
export type Listener = (message: StoredMessage) => void;

export interface ServerOptions {
  /** Whether a request id that is known already is stored once. The real server stores it again. */
  readonly deduplicates: boolean;
  /** Part of the messages that the agent answers. */
  readonly replyChance: number;
}

/** Its clock: right, and never jumps. */
export const SERVER_EPOCH_MS = Date.UTC(2026, 6, 1, 9);
export const TENANT = 'acme';
const LIMIT_WINDOW_MS = 60_000;
const LIMIT_REQUESTS = 100;

/** What a Xians server does with messages, without the wire: it stores, answers and tells its listeners. */
export class SimulatedServer {
  readonly options: ServerOptions;
  readonly listeners = new Set<Listener>();
  readonly stored: StoredMessage[] = [];
  /** Credentials of an earlier generation are refused. */
  generation = 0;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #threads = new Map<string, string>();
  #ids = 0;
  #windowEnds = 0;
  #requests = 0;

  constructor(time: VirtualTime, random: Random, options: ServerOptions) {
    this.#time = time;
    this.#random = random;
    this.options = options;
  }

  get now(): number {
    return SERVER_EPOCH_MS + this.#time.now;
  }

  /** Stores a message of the visitor; `undefined` when it is known already and this server minds. */
  accept(draft: Draft): { readonly message: StoredMessage; readonly isNew: boolean } {
    const { deduplicates, replyChance } = this.options;
    const known = deduplicates ? this.#find(draft) : undefined;
    if (known) return { message: known, isNew: false };
    const message = this.store(draft);
    const replies = this.#random.chance(replyChance) ? (this.#random.chance(0.2) ? 2 : 1) : 0;
    for (let i = 0; i < replies; i++) {
      const delayMs = this.#random.chance(0.8)
        ? this.#random.between(1, 2_000)
        : this.#random.between(1, 60_000);
      this.#time.schedule(() => {
        this.store({
          ...draft,
          direction: 'Outgoing',
          text: `${draft.participantId} answer ${i} to ${draft.text}`,
        });
      }, delayMs);
    }
    return { message, isNew: true };
  }

  store(draft: Draft): StoredMessage {
    const message: StoredMessage = {
      ...draft,
      id: this.#id(),
      threadId: this.#thread(draft),
      createdAt: Math.floor(this.now),
      storedAt: this.#time.now,
    };
    this.stored.push(message);
    for (const listener of this.listeners) listener(message);
    return message;
  }

  history({ workflowId, participantId, scope, page, pageSize }: HistoryQuery): StoredMessage[] {
    const start = (page - 1) * pageSize;
    return this.stored
      .filter(
        (message) =>
          message.workflowId === workflowId &&
          message.participantId === participantId &&
          message.scope === scope,
      )
      .reverse()
      .slice(start, start + pageSize);
  }

  /** Seconds to wait if one more request is too many. */
  overLimit(): number | undefined {
    if (this.#time.now >= this.#windowEnds) {
      this.#windowEnds = this.#time.now + LIMIT_WINDOW_MS;
      this.#requests = 0;
    }
    if (++this.#requests <= LIMIT_REQUESTS) return undefined;
    return Math.ceil((this.#windowEnds - this.#time.now) / 1_000);
  }

  #find({ requestId, participantId, workflowId }: Draft): StoredMessage | undefined {
    return this.stored.find(
      (message) =>
        message.direction === 'Incoming' &&
        message.requestId === requestId &&
        message.participantId === participantId &&
        message.workflowId === workflowId,
    );
  }

  #thread({ workflowId, participantId }: Draft): string {
    const key = `${workflowId}|${participantId}`;
    const known = this.#threads.get(key);
    if (known) return known;
    const id = this.#id();
    this.#threads.set(key, id);
    return id;
  }

  #id(): string {
    return (++this.#ids).toString(16).padStart(24, '0');
  }
}

/** A message as history and the live channels write it. */
export function toWire(message: StoredMessage): Record<string, unknown> {
  const { id, threadId, requestId, participantId, workflowId, scope, direction, text, createdAt } = message;
  const time = new Date(createdAt).toISOString();
  return {
    id,
    threadId,
    requestId,
    tenantId: TENANT,
    createdAt: time,
    updatedAt: time,
    createdBy: direction === 'Incoming' ? `sim|${participantId}` : 'agent',
    direction,
    text,
    participantId,
    ...(scope === null ? {} : { scope }),
    workflowId,
    workflowType: workflowId.slice(TENANT.length + 1),
    messageType: 'Chat',
    origin: 'must-not-be-shown',
  };
}

/** `tenant:Agent:Flow` of either form of a workflow's name. */
export function fullWorkflow(name: string): string {
  return name.startsWith(`${TENANT}:`) ? name : `${TENANT}:${name}`;
}
