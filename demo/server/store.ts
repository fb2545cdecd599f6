import { ObjectIds } from './ids.ts';

/** In the order of their numbers on the wire: `Chat` is 0, `Heartbeat` 7. */
export const MESSAGE_TYPES = [
  'Chat',
  'Data',
  'File',
  'Handoff',
  'Webhook',
  'Reasoning',
  'Tool',
  'Heartbeat',
] as const;
export type WireType = (typeof MESSAGE_TYPES)[number];
export type Direction = 'Incoming' | 'Outgoing';

/** One stored message. Times are milliseconds since 1970. */
export interface StoredMessage {
  readonly id: string;
  readonly threadId: string;
  readonly requestId: string | null;
  readonly tenantId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly createdBy: string;
  readonly direction: Direction;
  readonly text: string | null;
  readonly data: unknown;
  /** Lower case. */
  readonly participantId: string;
  readonly scope: string | null;
  readonly hint: string | null;
  readonly taskId: string | null;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly messageType: WireType;
  /** Where the message came from. The real server leaks REST credentials into it; see {@link holdsCredential}. */
  readonly origin: string | null;
  readonly expiresAt: number;
}

/** A message before the store gives it its ids and times. */
export type Draft = Pick<
  StoredMessage,
  'tenantId' | 'workflowId' | 'workflowType' | 'participantId' | 'direction' | 'messageType' | 'createdBy'
> &
  Partial<Omit<StoredMessage, 'id' | 'threadId' | 'updatedAt' | 'expiresAt'>>;

export interface ThreadKey {
  tenantId: string;
  workflowId: string;
  participantId: string;
}

export interface HistoryQuery extends ThreadKey {
  /** `null` is the default topic; there is no "all topics". */
  scope: string | null;
  /** 1-based. */
  page: number;
  pageSize: number;
}

const HOUR_MS = 3_600_000;
const LIFETIME_MS = 180 * 24 * HOUR_MS;

/** Where messages outlive the process. */
export interface StoreFile {
  read(): StoredMessage[];
  append(message: StoredMessage): void;
  /** Replaces everything. */
  write(messages: readonly StoredMessage[]): void;
}

export interface StoreOptions {
  /** Messages kept; beyond it the oldest go. */
  limit: number;
  file?: StoreFile;
}

/** Threads and messages. Nothing deduplicates: the same request id twice is two messages. */
export class Store {
  readonly #ids = new ObjectIds();
  readonly #threads = new Map<string, string>();
  readonly #onStored: (message: StoredMessage) => void;
  readonly #limit: number;
  readonly #file: StoreFile | undefined;
  #messages: StoredMessage[];

  constructor(onStored: (message: StoredMessage) => void, { limit, file }: StoreOptions) {
    this.#onStored = onStored;
    this.#limit = limit;
    this.#file = file;
    this.#messages = file?.read() ?? [];
    for (const message of this.#messages) this.#threads.set(threadKey(message), message.threadId);
  }

  /** Stores `draft` in its participant's thread, which the first message creates, and passes it on. */
  append(draft: Draft): StoredMessage {
    const participantId = draft.participantId.toLowerCase();
    const createdAt = draft.createdAt ?? Date.now();
    const message: StoredMessage = {
      id: this.#ids.next(),
      threadId: this.#thread({ ...draft, participantId }),
      requestId: draft.requestId ?? null,
      tenantId: draft.tenantId,
      createdAt,
      updatedAt: createdAt,
      createdBy: draft.createdBy,
      direction: draft.direction,
      text: draft.text ?? null,
      data: storable(draft.data),
      participantId,
      scope: draft.scope?.trim() || null,
      hint: draft.hint ?? null,
      taskId: draft.taskId ?? null,
      workflowId: draft.workflowId,
      workflowType: draft.workflowType,
      messageType: draft.messageType,
      origin: draft.origin ?? null,
      expiresAt: createdAt + (draft.messageType === 'Heartbeat' ? HOUR_MS : LIFETIME_MS),
    };
    this.#messages.push(message);
    // Now and then, since dropping the first of a long list costs as much as copying it.
    if (this.#messages.length > this.#limit * 1.5) this.#messages = this.#messages.slice(-this.#limit);
    this.#file?.append(message);
    this.#onStored(message);
    return message;
  }

  /**
   * One page, newest first; of the same millisecond the later stored comes first, where the real server promises nothing.
   * An unknown thread is an empty one.
   */
  history({ scope, page, pageSize, ...key }: HistoryQuery): StoredMessage[] {
    const threadId = this.#threads.get(threadKey(key));
    const start = (page - 1) * pageSize;
    return this.#messages
      .filter((message) => message.threadId === threadId && message.scope === scope)
      .reverse()
      .sort((a, b) => b.createdAt - a.createdAt)
      .slice(start, start + pageSize);
  }

  /** The newest message of `key`'s topic from the participant. */
  lastIncoming(key: ThreadKey, scope: string | null): StoredMessage | undefined {
    const threadId = this.#threads.get(threadKey(key));
    return this.#messages.findLast(
      (message) =>
        message.threadId === threadId && message.scope === scope && message.direction === 'Incoming',
    );
  }

  /** Deletes the thread with all topics. `false` if there is none. */
  deleteThread(key: ThreadKey): boolean {
    const threadId = this.#threads.get(threadKey(key));
    if (threadId === undefined) return false;
    this.#threads.delete(threadKey(key));
    this.#messages = this.#messages.filter((message) => message.threadId !== threadId);
    this.#file?.write(this.#messages);
    return true;
  }

  /** Everything, oldest first. */
  all(): readonly StoredMessage[] {
    return this.#messages;
  }

  /** Participants of `tenantId` who have ever written or been written to. */
  participants(tenantId: string): string[] {
    const keys = [...this.#threads.keys()].map((name) => JSON.parse(name) as string[]);
    return keys.flatMap(([tenant, , participantId]) =>
      tenant === tenantId && participantId !== undefined ? [participantId] : [],
    );
  }

  clear(): void {
    this.#messages = [];
    this.#threads.clear();
    this.#file?.write([]);
  }

  #thread(key: ThreadKey): string {
    const name = threadKey(key);
    let threadId = this.#threads.get(name);
    if (threadId === undefined) this.#threads.set(name, (threadId = this.#ids.next()));
    return threadId;
  }
}

function threadKey({ tenantId, workflowId, participantId }: ThreadKey): string {
  return JSON.stringify([tenantId, workflowId, participantId]);
}

/** The real database keeps objects and arrays; other values become text, a string with its quotes. */
function storable(data: unknown): unknown {
  if (data === undefined || data === null) return null;
  return typeof data === 'object' ? data : JSON.stringify(data);
}
