// @ts-check
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterClose, Backoff } from '../shared/retry.mjs';
import { connect } from './connection.mjs';

/**
 * @typedef {{ query: string, variables?: object }} Payload
 * @typedef {object} Sink
 * @property {(data: any) => void} next
 * @property {(message: string) => void} error Also when the server ends the subscription: it is then not asked for again.
 * @typedef {{ payload: Payload, sink: Sink }} Operation
 */

/**
 * GraphQL over one WebSocket that comes back by itself. Emits
 * - `connected`: acknowledged, and every subscription asked for. Query now: what was missed is not repeated.
 * - `disconnected` with `{ code, reason, retryMs }`: tries again in `retryMs`.
 * - `ended` with why: does not try again, since the server would refuse it again.
 */
export class IncidentClient extends EventEmitter {
  #options;
  #backoff = new Backoff();
  #stop = new AbortController();
  /** @type {Set<Operation>} Subscriptions: asked for on each connection. */
  #subscriptions = new Set();
  /** @type {Map<string, Operation>} What this connection is to answer. */
  #asked = new Map();
  /** @type {import('./connection.mjs').Send | undefined} While there is an acknowledged connection. */
  #send;
  #lastId = 0;
  /** @type {Promise<void> | undefined} */
  #running;

  /** @param {{ url: string, getToken: () => Promise<string | undefined>, pingMs: number, pongMs: number }} options */
  constructor(options) {
    super();
    this.#options = options;
  }

  /** Connects, and stays connected until {@link stop}. Resolves when that is over. */
  start() {
    return (this.#running ??= this.#run());
  }

  stop() {
    this.#stop.abort();
  }

  /**
   * From now on, or as soon as there is a connection. Returns the undo.
   * @param {Payload} payload
   * @param {Sink} sink
   */
  subscribe(payload, sink) {
    const operation = { payload, sink };
    this.#subscriptions.add(operation);
    if (this.#send) this.#ask(operation);
    return () => {
      this.#subscriptions.delete(operation);
      for (const [id, each] of this.#asked) {
        if (each !== operation) continue;
        this.#asked.delete(id);
        this.#send?.({ id, type: 'complete' });
      }
    };
  }

  /**
   * Asks once, over the same socket. Rejects when there is no connection, or it is lost before the answer.
   * @param {Payload} payload
   * @returns {Promise<any>} the answer's `data`
   */
  query(payload) {
    return new Promise((resolve, reject) => {
      if (!this.#send) return reject(new Error('There is no connection.'));
      this.#ask({ payload, sink: { next: resolve, error: (message) => reject(new Error(message)) } });
    });
  }

  async #run() {
    const { signal } = this.#stop;
    const { getToken, ...options } = this.#options;
    /** @type {string | symbol | undefined} */
    let refusedToken = NONE;
    while (!signal.aborted) {
      const token = await getToken();
      if (token === refusedToken) return this.#end('The server refuses the token, and there is no other.');
      const end = await connect({ ...options, token, signal, onUp: this.#onUp, onMessage: this.#onMessage });
      this.#onDown();
      if (signal.aborted) return;
      const next = afterClose(end.code);
      if (next === 'end') return this.#end(`The server closed with ${end.code}: ${end.reason}`);
      refusedToken = next === 'renew' ? token : NONE;
      const retryMs = Math.round(this.#backoff.down());
      this.emit('disconnected', { ...end, retryMs });
      await sleep(retryMs, undefined, { signal }).catch(() => undefined); // stopped: the loop ends
    }
  }

  /** @type {(send: import('./connection.mjs').Send) => void} */
  #onUp = (send) => {
    this.#send = send;
    this.#backoff.up();
    for (const operation of this.#subscriptions) this.#ask(operation);
    this.emit('connected');
  };

  #onDown() {
    this.#send = undefined;
    const lost = [...this.#asked.values()].filter((operation) => !this.#subscriptions.has(operation));
    this.#asked.clear();
    for (const { sink } of lost) sink.error('The connection was lost before the answer.');
  }

  /** @type {(message: import('./connection.mjs').Message) => void} */
  #onMessage = ({ type, id = '', payload }) => {
    const operation = this.#asked.get(id);
    if (!operation) return; // answers may cross our `complete`
    /** @type {{ message: string }[] | undefined} */
    const errors = type === 'error' ? payload : type === 'next' ? payload?.errors : undefined;
    if (type !== 'next') {
      this.#asked.delete(id);
      this.#subscriptions.delete(operation);
    }
    try {
      if (errors?.length) operation.sink.error(errors.map((each) => each.message).join('; '));
      else if (type === 'next') operation.sink.next(payload.data);
      else operation.sink.error('The server ended it.'); // a query that was answered does not hear this any more
    } catch (error) {
      // One reader's mistake must not end the connection, which is everybody's.
      this.emit('problem', error);
    }
  };

  /** @param {Operation} operation */
  #ask(operation) {
    // A fresh id each time: one that the server still holds would close the whole connection with 4409.
    const id = String(++this.#lastId);
    this.#asked.set(id, operation);
    this.#send?.({ id, type: 'subscribe', payload: operation.payload });
  }

  /** @param {string} why */
  #end(why) {
    this.emit('ended', why);
  }
}

/** No token was refused, unlike `undefined`: being without one was. */
const NONE = Symbol('none');
