import type { RawData, WebSocket } from 'ws';
import type { CredentialKind, Identity } from './auth.ts';
import type { Faults } from './faults.ts';
import { encodeRecord, RecordReader } from './hub-records.ts';
import { newConnectionToken } from './ids.ts';
import { SlowPipe } from './slow-pipe.ts';
import { isRecord } from './values.ts';

export interface HubTimes {
  pingMs: number;
  clientTimeoutMs: number;
  handshakeTimeoutMs: number;
}

/** A method call by a client. */
export interface Invocation {
  target: string;
  arguments: readonly unknown[];
  /** Absent: the client wants no completion. */
  invocationId?: string;
}

/** What a Close record may say; with neither, the client is to stay away. */
export interface CloseReason {
  error?: string;
  allowReconnect?: boolean;
}

/** What a connection needs to know about its hub. */
export interface HubConnectionOptions {
  socket: WebSocket;
  identity: Identity;
  credential: CredentialKind;
  /** `/ws/tenant/chat` instead of `/ws/chat`. */
  isTenantWide: boolean;
  times: HubTimes;
  faults: Faults;
  /** Handles one invocation. Resolves with the error text of its completion, or `undefined` for success. */
  invoke: (connection: HubConnection, invocation: Invocation) => Promise<string | undefined>;
}

/** Error text of the Close record for everything that a client did wrong. */
const CLOSED_WITH_ERROR = 'Connection closed with an error.';

/** One hub client: handshake, framing, pings, and its invocations strictly one after another. */
export class HubConnection {
  readonly connectionId = newConnectionToken();
  readonly identity: Identity;
  readonly credential: CredentialKind;
  readonly isTenantWide: boolean;
  /** Names of the groups whose messages this connection gets. Case-sensitive. */
  readonly groups = new Set<string>();
  readonly #socket: WebSocket;
  readonly #invoke: HubConnectionOptions['invoke'];
  readonly #times: HubTimes;
  readonly #faults: Faults;
  readonly #pipe: SlowPipe;
  readonly #reader = new RecordReader();
  /** Until the handshake it is the time left for that, afterwards for any record. */
  #patience: NodeJS.Timeout;
  #ping: NodeJS.Timeout | undefined;
  /** Only with `short-lives`. */
  #end: NodeJS.Timeout | undefined;
  #isReady = false;
  #isClosing = false;
  #work: Promise<void> = Promise.resolve();

  constructor({ socket, identity, credential, isTenantWide, times, faults, invoke }: HubConnectionOptions) {
    this.#socket = socket;
    this.identity = identity;
    this.credential = credential;
    this.isTenantWide = isTenantWide;
    this.#times = times;
    this.#invoke = invoke;
    this.#faults = faults;
    this.#pipe = new SlowPipe((text) => socket.send(text), faults, 'stall-hub');
    this.#patience = setTimeout(() => this.#finish(), times.handshakeTimeoutMs);
    socket.on('message', (data) => this.#receive(data));
    socket.on('error', () => socket.terminate()); // A broken frame; 'close' follows and cleans up.
    socket.once('close', () => this.#stop());
  }

  get isClosed(): boolean {
    return this.#isClosing || this.#socket.readyState !== this.#socket.OPEN;
  }

  /** Calls `target` on the client. */
  emit(target: string, ...args: unknown[]): void {
    this.send(encodeRecord({ type: 1, target, arguments: args }));
  }

  /** Writes one socket message as it is. Nothing goes out before the handshake is answered. */
  send(text: string): void {
    if (!this.#isReady || this.isClosed) return;
    this.#ping?.refresh();
    this.#pipe.write(text);
  }

  /** Says why, then closes. */
  close(reason: CloseReason): void {
    this.send(encodeRecord({ type: 7, ...reason }));
    this.#finish();
  }

  /** Cuts the connection without a word. */
  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  #receive(data: RawData): void {
    if (this.isClosed) return;
    try {
      for (const record of this.#reader.read(asText(data))) {
        if (!this.#isReady) this.#shakeHands(JSON.parse(record));
        else this.#handle(JSON.parse(record));
        if (this.isClosed) return;
      }
    } catch {
      // Too large or not JSON. The real server logs it and tells the client no more than this.
      this.close({ error: CLOSED_WITH_ERROR, allowReconnect: true });
    }
  }

  #shakeHands(request: unknown): void {
    const { protocol, version } = isRecord(request) ? request : {};
    const refusal =
      protocol !== 'json'
        ? `The protocol '${String(protocol)}' is not supported.`
        : version !== 1
          ? `The server does not support version ${String(version)} of the 'json' protocol.`
          : undefined;
    this.#isReady = true;
    this.send(encodeRecord(refusal === undefined ? {} : { error: refusal }));
    if (refusal !== undefined) return this.#finish();
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.close({ allowReconnect: true }), this.#times.clientTimeoutMs);
    this.#ping = setInterval(() => this.send(encodeRecord({ type: 6 })), this.#times.pingMs);
    const lifeMs = this.#faults.get('short-lives');
    if (lifeMs !== false) this.#end = setTimeout(() => this.terminate(), lifeMs);
  }

  #handle(record: unknown): void {
    this.#patience.refresh();
    if (!isRecord(record)) throw new TypeError('A record must be an object.');
    if (record['type'] === 7) this.#finish();
    if (record['type'] !== 1) return; // Pings need no answer; streams and stateful reconnect are not used.
    const { target, arguments: args, invocationId } = record;
    if (typeof target !== 'string' || !Array.isArray(args))
      throw new TypeError('The invocation is malformed.');
    const invocation: Invocation = { target, arguments: args as unknown[] };
    if (typeof invocationId === 'string') invocation.invocationId = invocationId;
    this.#work = this.#work.then(() => this.#run(invocation));
  }

  async #run(invocation: Invocation): Promise<void> {
    if (this.isClosed) return;
    const error = await this.#invoke(this, invocation);
    const { invocationId } = invocation;
    if (invocationId === undefined) return;
    this.send(
      encodeRecord({ type: 3, invocationId, ...(error === undefined ? { result: null } : { error }) }),
    );
  }

  #finish(): void {
    this.#isClosing = true;
    this.#socket.close(1000);
  }

  #stop(): void {
    this.#isClosing = true;
    clearTimeout(this.#patience);
    clearInterval(this.#ping);
    clearTimeout(this.#end);
    this.#pipe.close();
  }
}

function asText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (Buffer.isBuffer(data) ? data : Buffer.from(data)).toString('utf8');
}
