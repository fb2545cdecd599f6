import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `up`: from the client to the server. `down`: back. */
export type Direction = 'up' | 'down';

/** Connections of one kind. */
export interface SocketCounts {
  /** Open now, as the client sees it. */
  readonly open: number;
  /** Most that were ever open at once. */
  readonly most: number;
  readonly ever: number;
}

/** Some of the connections: hub WebSockets, the others (requests and streams), or both. */
export type Which = 'all' | 'web-sockets' | 'others';

/** What is wrong with the network at the moment; shared by every connection. */
interface Faults {
  latencyMs: Record<Direction, number>;
  isStalled: Record<Direction, boolean>;
  /** How many more bytes each connection carries before it is reset. */
  cutAfter: Record<Direction, number>;
}

const BOTH: readonly Direction[] = ['up', 'down'];
const WEB_SOCKET = /^GET \/ws\//;

/**
 * A TCP relay on a free loopback port in front of a server, whose network can be spoilt while it runs. It forwards bytes
 * and knows no protocol, but tells hub WebSockets from other connections by the request line.
 */
export class FaultProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #links = new Set<Link>();
  readonly #sockets = new Counter();
  readonly #webSockets = new Counter();
  readonly #faults: Faults = {
    latencyMs: { up: 0, down: 0 },
    isStalled: { up: false, down: false },
    cutAfter: { up: Infinity, down: Infinity },
  };
  /** Called when the number of open WebSockets changes. */
  onWebSockets: ((counts: SocketCounts) => void) | undefined;
  #listener: Server | undefined;
  #port = 0;

  private constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) };
  }

  /** Starts in front of the server at `url`. Stop it in the test's `after`. */
  static async start(url: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(url));
    await proxy.accept();
    return proxy;
  }

  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get sockets(): SocketCounts {
    return this.#sockets.counts;
  }

  /** Those that asked for the hub. */
  get webSockets(): SocketCounts {
    return this.#webSockets.counts;
  }

  /** Bytes take `ms` longer, in order; those on their way keep their time. */
  latency(ms: number, direction?: Direction): void {
    for (const each of direction ? [direction] : BOTH) this.#faults.latencyMs[each] = ms;
  }

  /** Connections stay open and new ones are accepted, but nothing is forwarded, ends neither, until {@link heal}. */
  stall(direction?: Direction): void {
    for (const each of direction ? [direction] : BOTH) this.#faults.isStalled[each] = true;
  }

  /** Every connection, new ones too, is reset once it has carried `bytes` more in this direction: those still arrive. */
  cutAfter(bytes: number, direction: Direction): void {
    this.#faults.cutAfter[direction] = bytes;
    for (const link of this.#links) link.pipe(direction).allow(bytes);
  }

  /** Resets (RST) what is open, on both sides; what was on its way is lost. Returns how many connections that were. */
  reset(which: Which = 'all'): number {
    const links = this.#chosen(which);
    for (const link of links) link.reset();
    return links.length;
  }

  /**
   * One end of every open connection dies without a word, as by a lost cable: the `survivor` keeps an open socket that
   * swallows what it is given. Returns how many.
   */
  halfOpen(survivor: 'client' | 'server' = 'client', which: Which = 'all'): number {
    const links = this.#chosen(which);
    for (const link of links) link.abandon(survivor);
    return links.length;
  }

  /** New connections are refused (RST to the SYN); open ones go on. Until {@link accept}. */
  refuse(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Ends {@link refuse}: the port is the same as before. */
  async accept(): Promise<void> {
    if (this.#listener) return;
    const listener = createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
    this.#listener = listener;
    listener.listen(this.#port, '127.0.0.1');
    await once(listener, 'listening');
    this.#port = (listener.address() as AddressInfo).port;
  }

  /** No fault from now on; what was held back goes out. Half-open connections stay what they are. */
  async heal(): Promise<void> {
    for (const direction of BOTH) {
      this.#faults.latencyMs[direction] = 0;
      this.#faults.isStalled[direction] = false;
      this.#faults.cutAfter[direction] = Infinity;
    }
    for (const link of this.#links) {
      for (const direction of BOTH) {
        link.pipe(direction).allow(Infinity);
        link.pipe(direction).pump();
      }
    }
    await this.accept();
  }

  /** Refuses, and resets every connection. */
  stop(): void {
    this.refuse();
    this.reset();
  }

  #chosen(which: Which): Link[] {
    return [...this.#links].filter(
      ({ isWebSocket }) => which === 'all' || isWebSocket === (which === 'web-sockets'),
    );
  }

  #connect(client: Socket): void {
    const link = new Link(client, connect({ ...this.#target, allowHalfOpen: true }), this.#faults);
    this.#links.add(link);
    const leave = this.#sockets.enter();
    let leaveWebSockets: (() => void) | undefined;
    client.once('data', (head: Buffer) => {
      if (!WEB_SOCKET.test(head.toString('latin1'))) return;
      link.isWebSocket = true;
      leaveWebSockets = this.#webSockets.enter();
      this.onWebSockets?.(this.webSockets);
    });
    // A browser never closes one half only: its end is the end.
    const left = () => {
      leave();
      if (!leaveWebSockets) return;
      leaveWebSockets();
      leaveWebSockets = undefined;
      this.onWebSockets?.(this.webSockets);
    };
    client.once('end', left);
    client.once('close', left);
    link.onEnd = () => void this.#links.delete(link);
  }
}

/** One connection of a client, and the one to the server that belongs to it. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: Pipe;
  readonly #down: Pipe;
  onEnd: (() => void) | undefined;
  /** Known once the client has asked for something. */
  isWebSocket = false;

  constructor(client: Socket, server: Socket, faults: Faults) {
    this.#client = client;
    this.#server = server;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      // The reason does not matter: whatever broke one side breaks the other.
      socket.on('error', () => this.reset());
      socket.once('close', () => {
        if (client.destroyed && server.destroyed) this.onEnd?.();
      });
    }
    this.#up = new Pipe(client, server, faults, 'up', () => this.reset());
    this.#down = new Pipe(server, client, faults, 'down', () => this.reset());
  }

  pipe(direction: Direction): Pipe {
    return direction === 'up' ? this.#up : this.#down;
  }

  reset(): void {
    for (const direction of BOTH) this.pipe(direction).close();
    for (const socket of [this.#client, this.#server]) if (!socket.destroyed) socket.resetAndDestroy();
  }

  abandon(survivor: 'client' | 'server'): void {
    for (const direction of BOTH) this.pipe(direction).close();
    const [dead, alive] = survivor === 'client' ? [this.#server, this.#client] : [this.#client, this.#server];
    dead.resetAndDestroy();
    alive.resume(); // reads and forgets
    alive.once('end', () => alive.end());
  }
}

/** One direction of a connection. */
class Pipe {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #faults: Faults;
  readonly #direction: Direction;
  readonly #reset: () => void;
  /** What was read and not written yet; `undefined` is the end. */
  readonly #waiting: { readonly bytes: Buffer | undefined; readonly dueAt: number }[] = [];
  #allowance: number;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(source: Socket, sink: Socket, faults: Faults, direction: Direction, reset: () => void) {
    this.#source = source;
    this.#sink = sink;
    this.#faults = faults;
    this.#direction = direction;
    this.#reset = reset;
    this.#allowance = faults.cutAfter[direction];
    source.on('data', (bytes: Buffer) => this.#take(bytes));
    source.once('end', () => this.#take(undefined));
    sink.on('drain', () => source.resume());
  }

  allow(bytes: number): void {
    this.#allowance = bytes;
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
  }

  /** Writes what is due. */
  pump(): void {
    clearTimeout(this.#timer);
    while (!this.#isClosed && !this.#faults.isStalled[this.#direction]) {
      const next = this.#waiting[0];
      if (!next) return;
      const restMs = next.dueAt - performance.now();
      if (restMs > 0) {
        this.#timer = setTimeout(() => this.pump(), restMs);
        return;
      }
      this.#waiting.shift();
      this.#write(next.bytes);
    }
  }

  #take(bytes: Buffer | undefined): void {
    if (this.#isClosed) return;
    this.#waiting.push({ bytes, dueAt: performance.now() + this.#faults.latencyMs[this.#direction] });
    this.pump();
  }

  #write(bytes: Buffer | undefined): void {
    if (!bytes) return void this.#sink.end();
    const rest = this.#allowance - bytes.length;
    this.#allowance = Math.max(0, rest);
    const whole = rest >= 0 ? bytes : bytes.subarray(0, rest);
    if (rest <= 0) {
      this.close();
      // Once these have left for good: a reset overtakes what is still in a buffer.
      this.#sink.write(whole, this.#reset);
    } else if (!this.#sink.write(whole)) this.#source.pause();
  }
}

class Counter {
  counts: SocketCounts = { open: 0, most: 0, ever: 0 };

  /** Counts one in; the result counts it out, once. */
  enter(): () => void {
    const { open, most, ever } = this.counts;
    this.counts = { open: open + 1, most: Math.max(most, open + 1), ever: ever + 1 };
    let isIn = true;
    return () => {
      if (isIn) this.counts = { ...this.counts, open: this.counts.open - 1 };
      isIn = false;
    };
  }
}
