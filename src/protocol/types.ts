/** The message types a Xians server knows. The set is open: unknown names are kept as they came. */
export type MessageType =
  'Chat' | 'Data' | 'File' | 'Handoff' | 'Webhook' | 'Reasoning' | 'Tool' | 'Heartbeat' | (string & {});

/** Who wrote a message. The same word for a message from history, from a live channel and from this page. */
export type Author = 'participant' | 'agent';

/**
 * How far a message of this participant has come.
 * `queued → sending → sent → answered`; `sending → uncertain → verifying → sent | queued`; `→ failed`.
 */
export type DeliveryState = 'queued' | 'sending' | 'uncertain' | 'verifying' | 'sent' | 'answered' | 'failed';

/** Delivery of one message written here. Absent on messages that came from the server. */
export interface Delivery {
  readonly state: DeliveryState;
  /** Attempts made so far; being offline is not an attempt. */
  readonly attempts: number;
  /** Whether the message survives a reload before a server has it. */
  readonly persisted: boolean;
  /** Why it failed or waits, in words for people. */
  readonly reason?: string;
  /** The {@link ErrorCode} behind `reason`. */
  readonly code?: string;
}

/** One message of a conversation, in the one shape that every part of the library uses. */
export interface Message {
  /** The server's id (24 hex digits), or `local:<requestId>` until the server's copy is known. */
  readonly id: string;
  /** Ties a request to everything the agent says for it. Not an idempotency key on the server. */
  readonly requestId: string | undefined;
  readonly threadId: string | undefined;
  /** Full workflow id, `tenant:Agent:Flow[:activation]`. */
  readonly workflowId: string;
  /** `Agent:Flow`. */
  readonly workflowType: string;
  /** Always lower case. */
  readonly participantId: string;
  readonly author: Author;
  readonly type: MessageType;
  readonly text: string | undefined;
  /** Structured payload; free-form, never trusted. */
  readonly data: unknown;
  /** Topic inside the thread; `undefined` is the default topic. */
  readonly topic: string | undefined;
  readonly hint: string | undefined;
  /** Milliseconds since 1970: the server's clock, or this machine's while `id` is local. */
  readonly createdAt: number;
  /** Milliseconds since 1970 of the last change; equals `createdAt` where the channel does not tell. */
  readonly updatedAt: number;
  /** Present on messages written here and not yet confirmed from history. */
  readonly delivery?: Delivery;
}

/** Which of the messages that wait goes first. Inside one conversation, order is kept within each priority. */
export type Priority = 'high' | 'normal' | 'low';

/** What a caller hands to `send()`. A bare string means `{ text }`. */
export interface OutgoingMessage {
  readonly text?: string;
  /** Objects only: the server does not return other values as they were sent. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Default `'Chat'`, or `'Data'` when there is `data` and no `text`. */
  readonly type?: MessageType;
  /** Free text for the agent's processing; hub only. */
  readonly hint?: string;
  /** A user token for the agent; forwarded by the hub, never stored. */
  readonly authorization?: string;
  /** Given to the agent only; hub only. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Default: a new UUID. */
  readonly requestId?: string;
  /** Default `'normal'`. It decides on the order of leaving this page and is not sent. */
  readonly priority?: Priority;
}

/** What `send()` resolves with once the message is accepted by the queue. */
export interface SendReceipt {
  readonly requestId: string;
  /** Whether the message survives a reload. */
  readonly persisted: boolean;
}
