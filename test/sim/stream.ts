import type { Connection, Network } from './network.ts';
import { fullWorkflow, toWire, type StoredMessage } from './server.ts';
import { participantOf } from './socket.ts';
import type { Process } from './virtual-time.ts';

const HEARTBEAT_MS = 5_000;

/** A stream of server-sent events: the server's end and the tab's, with the network between them. */
class Stream implements Connection {
  readonly tab: Process;
  readonly #network: Network;
  readonly #pieces: Uint8Array[] = [];
  readonly #undos: (() => void)[] = [];
  #waiting:
    | { resolve: (piece: ReadableStreamReadResult<Uint8Array>) => void; reject: (error: unknown) => void }
    | undefined;
  #failure: Error | undefined;
  #isStranded = false;
  #at = 0;

  constructor(network: Network, tab: Process, workflowId: string) {
    this.#network = network;
    this.tab = tab;
    network.connections.add(this);
    const listener = (message: StoredMessage) => this.#tell(message, workflowId);
    network.server.listeners.add(listener);
    this.#undos.push(() => network.server.listeners.delete(listener));
    this.#send('connected', { workflowId });
    this.#beat();
  }

  read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const value = this.#pieces.shift();
    if (value) return Promise.resolve({ done: false, value });
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  cut(): void {
    this.#stopServing();
    const wasStranded = this.#isStranded;
    this.#isStranded = true;
    if (wasStranded) return;
    const fail = () => this.fail(new TypeError('network error'));
    this.#network.time.schedule(fail, this.#network.random.between(0, 30), this.tab);
  }

  strand(): void {
    this.#isStranded = true;
    this.#stopServing();
  }

  fail(reason: Error): void {
    this.#stopServing();
    this.#network.connections.delete(this);
    this.#failure ??= reason;
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }

  #stopServing(): void {
    for (const undo of this.#undos.splice(0)) undo();
  }

  #tell(message: StoredMessage, workflowId: string): void {
    // As the real server does: everybody's messages of the workflow.
    if (message.direction !== 'Outgoing' || message.workflowId !== workflowId) return;
    if (!this.#network.isInForce('silent')) this.#send('Chat', toWire(message));
  }

  #beat(): void {
    const next = this.#network.time.schedule(() => {
      this.#send('heartbeat', { subscriberCount: 1 });
      this.#beat();
    }, HEARTBEAT_MS);
    this.#undos.push(next);
  }

  #send(event: string, data: unknown): void {
    const { time } = this.#network;
    this.#at = Math.max(this.#at, time.now + this.#network.delayMs());
    const piece = new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const arrive = () => {
      if (this.#isStranded) return;
      if (!this.#waiting) return void this.#pieces.push(piece);
      this.#waiting.resolve({ done: false, value: piece });
      this.#waiting = undefined;
    };
    this.#network.carry(arrive, this.#at - time.now, this.tab);
  }
}

/** `GET /api/user/sse/events`. */
export function openStream(network: Network, tab: Process, url: URL, init: RequestInit): Promise<Response> {
  const { time } = network;
  return new Promise((resolve, reject) => {
    let stream: Stream | undefined;
    const abort = () => {
      const reason = new DOMException('Aborted.', 'AbortError');
      stream?.fail(reason);
      reject(reason);
    };
    if (init.signal?.aborted) return abort();
    init.signal?.addEventListener('abort', abort);
    if (network.isInForce('down') || network.isInForce('noStreams')) {
      time.schedule(() => reject(new TypeError('Failed to fetch')), network.delayMs(), tab);
      return;
    }
    network.carry(() => {
      const headers = init.headers as Readonly<Record<string, string>> | undefined;
      const participant = participantOf(network, headers?.['Authorization']?.replace('Bearer ', '') ?? null);
      const overLimit = network.server.overLimit() !== undefined;
      const answer = () => {
        if (init.signal?.aborted) return;
        const status = overLimit ? 429 : participant ? 200 : 401;
        if (status === 200)
          stream = new Stream(network, tab, fullWorkflow(url.searchParams.get('workflow') ?? ''));
        resolve(responseOf(status, stream));
      };
      network.carry(answer, network.delayMs(), tab);
    }, network.delayMs());
  });
}

function responseOf(status: number, stream: Stream | undefined): Response {
  const type = stream ? 'text/event-stream' : 'application/json';
  const response = {
    status,
    ok: status === 200,
    type: 'cors',
    headers: { get: (name: string) => (name.toLowerCase() === 'content-type' ? type : null) },
    text: () => Promise.resolve('{"retryAfter":"9"}'),
    body: stream && { getReader: () => stream },
  };
  return response as unknown as Response;
}
