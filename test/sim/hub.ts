import type { Attempt } from './journal.ts';
import type { Network } from './network.ts';
import { fullWorkflow, toWire, type StoredMessage } from './server.ts';
import type { Process } from './virtual-time.ts';

/** What a hub connection needs of its socket. */
export interface PeerSocket {
  readonly tab: Process;
  /** Writes to the client. */
  deliver(text: string, onDelivered?: () => void): void;
  /** Says goodbye with `code`. */
  end(code: number): void;
  /** Breaks, without a word. */
  cut(): void;
}

interface Record {
  readonly type?: number;
  readonly target?: string;
  readonly arguments?: readonly unknown[];
  readonly invocationId?: string;
}

const RECORD_END = '\x1e';
const PING_MS = 15_000;
const SILENCE_MS = 30_000;
/** What the hub says when it failed, before or after it stored. */
const FAILURES = [
  'An unexpected error occurred',
  'Service temporarily unavailable',
  'Request timeout - please try again',
];

/** The server's end of one hub connection: the JSON protocol, and calls strictly one after another. */
export class HubPeer {
  readonly #network: Network;
  readonly #socket: PeerSocket;
  readonly #participantId: string;
  readonly #groups = new Set<string>();
  #isReady = false;
  #isOver = false;
  #heardAt: number;
  #work: Promise<void> = Promise.resolve();
  readonly #undos: (() => void)[] = [];

  constructor(network: Network, socket: PeerSocket, participantId: string) {
    this.#network = network;
    this.#socket = socket;
    this.#participantId = participantId;
    this.#heardAt = network.time.now;
    const listener = (message: StoredMessage) => this.#tell(message);
    network.server.listeners.add(listener);
    this.#undos.push(() => network.server.listeners.delete(listener));
    this.#plan(() => this.#beat(), PING_MS);
  }

  receive(text: string): void {
    if (this.#isOver) return;
    this.#heardAt = this.#network.time.now;
    for (const part of text.split(RECORD_END).slice(0, -1)) {
      const record = JSON.parse(part) as Record;
      if (!this.#isReady) {
        this.#isReady = true;
        this.#write({});
      } else if (record.type === 7) {
        this.over();
        this.#socket.end(1000);
      } else if (record.type === 1) {
        this.#work = this.#work.then(() => this.#run(record));
      }
    }
  }

  /** Says Close, with or without leave to come back. */
  close(allowReconnect: boolean, code = 1000): void {
    if (this.#isOver) return;
    this.#write({ type: 7, ...(allowReconnect ? { allowReconnect } : { error: 'Connection closed.' }) });
    this.over();
    this.#socket.end(code);
  }

  /** The socket is gone. */
  over(): void {
    this.#isOver = true;
    for (const undo of this.#undos.splice(0)) undo();
  }

  async #run({ target, arguments: args = [], invocationId }: Record): Promise<void> {
    if (this.#isOver) return;
    let error: string | undefined;
    let attempt: Attempt | undefined;
    const call = this.#isForeign(target, args) ? 'refuse' : target;
    switch (call) {
      case 'refuse':
        this.#emit('Error', 'Invalid participantId. Mismatch between participantId and logged in user');
        break;
      case 'SubscribeToAgent':
        this.#groups.add(`${fullWorkflow(String(args[0]))}|${String(args[1])}`);
        break;
      case 'UnsubscribeFromAgent':
        this.#groups.delete(`${fullWorkflow(String(args[0]))}|${String(args[1])}`);
        break;
      case 'SendInboundMessage':
        attempt = await this.#send(args[0] as { [name: string]: string | undefined });
        break;
      case 'GetThreadHistory':
      case 'GetScopedThreadHistory':
        error = await this.#history(args);
        break;
      default:
        error = `Unknown hub method '${String(target)}'`;
    }
    if (this.#isOver) return;
    this.#write({ type: 3, invocationId, ...(error === undefined ? { result: null } : { error }) }, () => {
      if (attempt) attempt.settledAt ??= this.#network.time.now;
    });
  }

  /** Whether the call is made for somebody else than the token names. */
  #isForeign(target: string | undefined, args: readonly unknown[]): boolean {
    const request = args[0] as { participantId?: unknown } | undefined;
    const participant = target === 'SendInboundMessage' ? request?.participantId : args[1];
    // What only asks for a sign of life asks for a thread that does not exist.
    return participant !== 'probe' && participant !== this.#participantId;
  }

  async #send(request: { [name: string]: string | undefined }): Promise<Attempt | undefined> {
    const { journal, server, random } = this.#network;
    const requestId = request['requestId'] ?? '';
    const attempt = journal.attempts.findLast(
      (one) => one.requestId === requestId && one.tab === this.#socket.tab.name && one.via === 'hub',
    );
    const fault = this.#network.nextSend();
    const store = () => {
      const { message } = server.accept({
        requestId,
        participantId: String(request['participantId']).toLowerCase(),
        workflowId: fullWorkflow(String(request['workflow'])),
        scope: request['scope'] ?? null,
        direction: 'Incoming',
        text: request['text'] ?? '',
      });
      attempt?.copies.push(message);
      return message;
    };
    const processed = () => this.#emit('InboundProcessed', store().threadId);
    const failed = () => this.#emit('Error', FAILURES[Math.floor(random.next() * FAILURES.length)]);
    switch (fault?.kind) {
      case 'cut-before':
        this.#socket.cut();
        break;
      case 'cut-after':
        store();
        this.#socket.cut();
        break;
      case 'arrives-late':
        this.#socket.cut();
        this.#network.time.schedule(store, fault.ms);
        break;
      case 'error-before':
        failed();
        break;
      case 'error-after':
        store();
        failed();
        break;
      case 'slow':
        await this.#wait(fault.ms);
        processed();
        break;
      case 'slow-answer': {
        const { threadId } = store();
        await this.#wait(fault.ms);
        this.#emit('InboundProcessed', threadId);
        break;
      }
      case 'unauthorized':
        this.#emit('Error', 'Invalid tenant context');
        break;
      case 'rate-limited':
        this.close(true, 1013);
        break;
      default:
        processed();
    }
    return attempt;
  }

  async #history(args: readonly unknown[]): Promise<string | undefined> {
    const { journal, server, time } = this.#network;
    const query = {
      workflowId: fullWorkflow(String(args[0])),
      participantId: String(args[1]).toLowerCase(),
      page: Number(args[2]),
      pageSize: Number(args[3]),
      scope: typeof args[4] === 'string' ? args[4] : null,
    };
    const look = journal.look({ ...query, tab: this.#socket.tab.name, startedAt: time.now });
    const fault = this.#network.nextRead();
    if (fault?.kind === 'error') return 'An unexpected error occurred invoking this method on the server.';
    if (fault?.kind === 'cut') this.#socket.cut();
    look.snapshotAt = time.now;
    const page = server.history(query).map(toWire);
    if (fault?.kind === 'slow-answer') await this.#wait(fault.ms);
    this.#write({ type: 1, target: 'ThreadHistory', arguments: [page] }, () => {
      look.deliveredAt = time.now;
    });
    return undefined;
  }

  #tell(message: StoredMessage): void {
    if (message.direction !== 'Outgoing' || this.#network.isInForce('silent')) return;
    if (!this.#groups.has(`${message.workflowId}|${message.participantId}`)) return;
    this.#emit('ReceiveMessage', toWire(message));
    this.#emit('ReceiveChat', toWire(message));
    // The server's watch reports an update of a message like a new one.
    if (this.#network.random.chance(0.1)) this.#emit('ReceiveChat', toWire(message));
  }

  #beat(): void {
    if (this.#network.time.now - this.#heardAt > SILENCE_MS) return this.close(true);
    this.#write({ type: 6 });
    this.#plan(() => this.#beat(), PING_MS);
  }

  #emit(target: string, ...args: unknown[]): void {
    this.#write({ type: 1, target, arguments: args });
  }

  #write(record: object, onDelivered?: () => void): void {
    if (this.#isReady && !this.#isOver)
      this.#socket.deliver(JSON.stringify(record) + RECORD_END, onDelivered);
  }

  /** A wait that outlives the connection: the server works on what it was given. */
  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#network.time.schedule(resolve, delayMs));
  }

  #plan(run: () => void, delayMs: number): void {
    this.#undos.push(this.#network.time.schedule(run, delayMs));
  }
}
