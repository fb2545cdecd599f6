import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Authenticator } from '../auth.ts';
import type { ServerContext } from '../context.ts';
import type { Exchange } from '../exchange.ts';
import { Clock } from './clock.ts';
import { IncidentDesk } from './desk.ts';
import { EventStream } from './events.ts';
import { Gate } from './gate.ts';
import { IncidentGenerator } from './generator.ts';
import { answerHttp, answerUpgrade, handlerOf } from './http.ts';
import { LiveOperations } from './live.ts';
import { Operations } from './operations.ts';
import { IncidentSockets } from './sockets.ts';
import { IncidentStore } from './store.ts';
import { Switches } from './switches.ts';

/** What is there from the start; also after a reset. */
export interface IncidentOptions {
  /** How many incidents. Default 0. */
  seed?: number;
  /** How many events a second happen by themselves. Default 0. */
  perSecond?: number;
}

/** How many of the newest mutations are reported. */
const KEPT_MUTATIONS = 1_000;

/** The incident manager of one server: its parts, and the way in. */
export class IncidentSide {
  readonly switches = new Switches();
  readonly store = new IncidentStore();
  readonly clock = new Clock(() => this.switches.get('incidents-clock').aheadMs);
  readonly live = new LiveOperations(this.switches);
  readonly events = new EventStream(this.switches, (event) => this.live.deliver(event));
  readonly desk = new IncidentDesk(this.store, this.clock, (event) => this.events.emit(event));
  readonly operations = new Operations(this.switches, {
    desk: this.desk,
    store: this.store,
    clock: this.clock,
    mutated: (name, id) => this.mutated(name, id),
  });
  readonly generator = new IncidentGenerator(this.desk, this.store, this.clock);
  readonly gate: Gate;
  readonly sockets: IncidentSockets;
  readonly #options: Required<IncidentOptions>;
  #mutations: { at: string; name: string; id: string }[] = [];

  constructor(auth: Authenticator, { seed = 0, perSecond = 0 }: IncidentOptions) {
    this.#options = { seed, perSecond };
    this.gate = new Gate(this.switches, auth);
    const { gate, operations, live } = this;
    this.sockets = new IncidentSockets(this.switches, { gate, operations, live });
    auth.onExpire(() => this.sockets.expire());
    if (seed > 0) this.generator.seed(seed);
  }

  /** Whether a request is for the incident manager. */
  owns(exchange: Exchange): boolean {
    return handlerOf(exchange) !== undefined;
  }

  handle(context: ServerContext, exchange: Exchange): Promise<void> {
    return answerHttp(this, context, exchange);
  }

  /** Answers an upgrade, if it is for the incident manager. */
  upgrade(context: ServerContext, request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return answerUpgrade(this, context, request, socket, head);
  }

  mutated(name: string, id: string): void {
    this.#mutations.push({ at: new Date().toISOString(), name, id });
    if (this.#mutations.length > KEPT_MUTATIONS) this.#mutations.shift();
  }

  report() {
    return {
      count: this.store.size,
      sockets: this.sockets.size,
      subscriptions: this.live.size,
      /** By root field, and by route. */
      operations: { ...this.operations.counts },
      mutations: [...this.#mutations],
      /** How many have happened, whoever heard of them. */
      events: this.events.emitted,
      dropped: this.events.dropped,
      /** Frames with events. */
      sent: this.live.sent,
      /** How credentials came. */
      credentials: { ...this.gate.counts },
    };
  }

  /** Puts every switch right and forgets the counters; with `isWhole`, the incidents too. */
  reset(isWhole: boolean): void {
    this.generator.stop();
    this.switches.reset();
    this.events.reset();
    this.live.sent = 0;
    this.live.restartHeartbeats();
    this.operations.counts = {};
    this.gate.counts = {};
    this.#mutations = [];
    if (isWhole) this.desk.clear();
    if (isWhole && this.#options.seed > 0) this.generator.seed(this.#options.seed);
    this.start();
  }

  /** Lets happen what happens by itself. */
  start(): void {
    this.generator.run({ perSecond: this.#options.perSecond });
  }

  close(): void {
    this.generator.stop();
    this.events.close();
    this.sockets.drop('all');
  }
}
