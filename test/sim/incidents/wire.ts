import type { Random } from '../random.ts';
import type { Process, VirtualTime } from '../virtual-time.ts';
import { answerOf, type Answer } from './answers.ts';
import { EPOCH_MS, type Manager, type Subscriber } from './manager.ts';

/** What is wrong with the way to the server, or with the server's front. All of it ends with {@link Wire.heal}. */
export interface Trouble {
  /** Nothing gets through: refused at once, or swallowed. */
  way?: 'refuse' | 'swallow';
  /** No new live connection: refused, never answered, or acknowledged and closed at once. */
  sockets?: 'refuse' | 'hang' | 'flap';
  /** Requests fail with this status, `chance` of them. */
  http?: { readonly status: number; readonly chance: number; readonly retryAfterS?: number };
  /** Every answer takes so much longer. */
  slowMs?: number;
}

const HEARTBEAT_MS = 5_000;
/** After a close that nobody answers. */
const FIN_TIMEOUT_MS = 10_000;

/** The way between one page and the incident manager: a `fetch` and a `WebSocket` that keep to virtual time. */
export class Wire {
  trouble: Trouble = {};
  /** When the server last got a request for a subscription. */
  subscribedAt = 0;
  /** Since when requests are answered as they should be, if they are. */
  healthySince = 0;
  /** Whether GraphQL is there; else only REST, as the service ships it. */
  hasGraphql = true;
  hasHeartbeats = true;
  readonly sockets = new Set<Socket>();
  /** When each request and each attempt to connect was made. */
  readonly asked: number[] = [];
  readonly time: VirtualTime;
  readonly manager: Manager;
  readonly page: Process;
  readonly #random: Random;

  constructor(time: VirtualTime, random: Random, manager: Manager, page: Process) {
    this.time = time;
    this.manager = manager;
    this.page = page;
    this.#random = random;
  }

  /** Requests are answered as they should be. */
  get isHealthy(): boolean {
    return Object.keys(this.trouble).length === 0;
  }

  heal(): void {
    if (!this.isHealthy) this.healthySince = this.time.now;
    this.trouble = {};
  }

  /** Both ends notice. */
  cutAll(): void {
    for (const socket of [...this.sockets]) socket.cut();
  }

  /** Nothing passes through the live connections any more, and nobody notices. */
  muteAll(): void {
    for (const socket of this.sockets) socket.mute();
  }

  /** Milliseconds that the next packet takes, one way. */
  delayMs(): number {
    return this.#random.between(3, 90) + (this.trouble.slowMs ?? 0) * this.#random.next();
  }

  /** Milliseconds until a subscription is in effect. */
  effectMs(): number {
    return this.#random.between(0, 1_500);
  }

  readonly fetch = (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    this.asked.push(this.time.now);
    const url = new URL(input);
    return new Promise((resolve, reject) => {
      const { signal } = init;
      const onAbort = () => reject(new DOMException('Aborted.', 'AbortError'));
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      const back = (run: () => void) =>
        this.time.schedule(() => this.trouble.way !== 'swallow' && run(), this.delayMs(), this.page);
      const fail = () => reject(new TypeError('Failed to fetch'));
      if (this.trouble.way === 'swallow') return;
      if (this.trouble.way === 'refuse') return void back(fail);
      this.time.schedule(() => {
        const { way, http } = this.trouble;
        if (way === 'swallow') return;
        if (way === 'refuse') return void back(fail);
        const isRefused = http !== undefined && this.#random.chance(http.chance);
        const answer = isRefused
          ? { status: http.status, body: '{}' }
          : answerOf(this.manager, this.hasGraphql, url, init);
        const response = responseOf(answer, this.manager.now, isRefused ? http.retryAfterS : undefined);
        back(() => resolve(response));
      }, this.delayMs());
    });
  };

  /** The class for this page. */
  get WebSocket(): typeof globalThis.WebSocket {
    const connect = (url: string) => new Socket(this, url);
    return function (url: string) {
      return connect(url);
    } as unknown as typeof globalThis.WebSocket;
  }
}

/** One live connection: the browser's interface as far as the client uses it, and the server's end. */
export class Socket extends EventTarget implements Subscriber {
  readyState: 0 | 1 | 2 | 3 = 0;
  readonly #wire: Wire;
  /** Ids of the subscriptions by their root field. */
  readonly #subscriptions = new Map<string, string>();
  #isMute = false;
  #upAt = 0;
  #downAt = 0;
  #cancelBeat: () => void = () => undefined;

  constructor(wire: Wire, url: string) {
    super();
    this.#wire = wire;
    wire.asked.push(wire.time.now);
    wire.sockets.add(this);
    this.#open(new URL(url).pathname);
  }

  send(text: string): void {
    if (this.readyState !== 1) throw new DOMException('Not open.', 'InvalidStateError');
    const { time } = this.#wire;
    this.#upAt = Math.max(this.#upAt, time.now + this.#wire.delayMs());
    time.schedule(() => this.#isReachable && this.#receive(text), this.#upAt - time.now);
  }

  close(): void {
    if (this.readyState >= 2) return;
    const wasOpen = this.readyState === 1;
    const isReachable = this.#isReachable;
    this.readyState = 2;
    this.#end();
    const waitMs = !wasOpen ? 0 : isReachable ? 2 * this.#wire.delayMs() : FIN_TIMEOUT_MS;
    this.#wire.time.schedule(() => this.#closed(isReachable ? 1000 : 1006), waitMs, this.#wire.page);
  }

  next(field: 'incidentUpdates' | 'newIncidents', value: string): void {
    const id = this.#subscriptions.get(field);
    if (id !== undefined)
      this.#deliver(`{"id":"${id}","type":"next","payload":{"data":{"${field}":${value}}}}`);
  }

  cut(): void {
    this.#end();
    this.#isMute = true;
    this.#wire.time.schedule(() => this.#closed(1006), this.#wire.delayMs(), this.#wire.page);
  }

  mute(): void {
    this.#isMute = true;
  }

  get #isReachable(): boolean {
    return this.readyState === 1 && !this.#isMute && this.#wire.trouble.way !== 'swallow';
  }

  #open(path: string): void {
    const wire = this.#wire;
    const { time, page } = wire;
    const { way, sockets } = wire.trouble;
    if (way === 'swallow' || sockets === 'hang') return;
    time.schedule(
      () => {
        if (this.readyState !== 0 || wire.trouble.way === 'swallow') return;
        const isRefused = way || sockets === 'refuse' || !wire.hasGraphql || !path.startsWith('/graphql');
        if (isRefused) return this.#closed(1006);
        this.readyState = 1;
        this.dispatchEvent(new Event('open'));
      },
      wire.delayMs() + wire.delayMs(),
      page,
    );
  }

  #receive(text: string): void {
    const { type, id, payload } = JSON.parse(text) as {
      type: string;
      id?: string;
      payload?: { query?: string };
    };
    if (type === 'connection_init') {
      this.#deliver('{"type":"connection_ack"}');
      if (this.#wire.trouble.sockets === 'flap') this.#goAway();
    } else if (type === 'ping') this.#deliver('{"type":"pong"}');
    else if (type === 'subscribe' && id !== undefined) this.#subscribe(id, payload?.query ?? '');
    else if (type === 'complete') {
      for (const [field, each] of this.#subscriptions) if (each === id) this.#subscriptions.delete(field);
    }
  }

  #subscribe(id: string, query: string): void {
    const field = /\b(incidentUpdates|newIncidents)\b/.exec(query)?.[1];
    if (field === undefined) throw new Error(`The model has no stream for ${query}`);
    const { time, manager, hasHeartbeats } = this.#wire;
    this.#wire.subscribedAt = time.now;
    const take = () => {
      if (this.readyState !== 1) return;
      this.#subscriptions.set(field, id);
      manager.subscribers.add(this);
      if (field === 'incidentUpdates' && hasHeartbeats) this.#beat();
    };
    // It answers what comes behind the request before it has taken that up.
    time.schedule(take, this.#wire.effectMs());
  }

  #beat(): void {
    this.next('incidentUpdates', this.#wire.manager.heartbeat());
    this.#cancelBeat = this.#wire.time.schedule(() => this.#beat(), HEARTBEAT_MS);
  }

  /** In the order in which it was written. */
  #deliver(text: string): void {
    const { time, page, trouble } = this.#wire;
    if (this.#isMute || trouble.way === 'swallow') return;
    this.#downAt = Math.max(this.#downAt, time.now + this.#wire.delayMs());
    time.schedule(
      () => {
        if (!this.#isMute && this.readyState === 1)
          this.dispatchEvent(Object.assign(new Event('message'), { data: text }));
      },
      this.#downAt - time.now,
      page,
    );
  }

  #goAway(): void {
    const { time, page } = this.#wire;
    this.#end();
    this.#downAt = Math.max(this.#downAt, time.now + this.#wire.delayMs());
    time.schedule(() => !this.#isMute && this.#closed(1001), this.#downAt - time.now, page);
  }

  /** The server has nobody there any more. */
  #end(): void {
    this.#cancelBeat();
    this.#wire.manager.subscribers.delete(this);
  }

  #closed(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#end();
    this.#wire.sockets.delete(this);
    if (code !== 1000) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

/** The parts that the client uses: the real class would bring its streams, which have a mind of their own about time. */
function responseOf({ status, body }: Answer, serverMs: number, retryAfterS: number | undefined): Response {
  const headers = new Map([['date', new Date(Math.max(EPOCH_MS / 2, serverMs)).toUTCString()]]);
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (retryAfterS !== undefined) headers.set('retry-after', String(retryAfterS));
  const response = {
    status,
    ok: status >= 200 && status < 300,
    type: 'cors',
    headers: { get: (name: string) => headers.get(name.toLowerCase()) ?? null },
    text: () => Promise.resolve(body ?? ''),
    body: null,
  };
  return response as unknown as Response;
}
