// @ts-check
import { createClient } from 'graphql-ws/client';
import { afterClose, Backoff } from '../shared/retry.mjs';

/** The server refuses the token that we have, and there is no newer one. */
export class Refused extends Error {}

const NONE = Symbol('none');

/**
 * A graphql-ws client that always comes back, notices a dead peer and asks for the token before each connection. `wait`
 * is for those that start an operation again after an end that the library takes for final.
 *
 * @param {object} options
 * @param {string} options.url `ws://…/graphql/ws`
 * @param {() => Promise<string | undefined>} options.getToken
 * @param {number} options.pingMs
 * @param {number} options.pongMs
 * @param {unknown} [options.webSocketImpl] Outside browsers: the class of the `ws` package.
 * @param {(line: { type: 'connected' } | { type: 'disconnected', code: number, reason: string }) => void} options.onChange
 */
export function createLiveClient({ url, getToken, pingMs, pongMs, webSocketImpl, onChange }) {
  const backoff = new Backoff();
  /** @type {Promise<void> | undefined} One for each attempt, however many operations wait for it. */
  let waiting;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pongTimer;
  /** @type {unknown} */
  let latestToken = NONE;
  /** @type {unknown} */
  let refusedToken = NONE;

  const wait = () => (waiting ??= new Promise((resolve) => setTimeout(resolve, backoff.down())));
  const client = createClient({
    url, // a string: where it is a function whose promise is rejected, the library waits for ever
    webSocketImpl,
    connectionParams: async () => {
      const token = await getToken();
      if (token === refusedToken) throw new Refused('The server refuses the token, and there is no other.');
      latestToken = token;
      return token === undefined ? undefined : { Authorization: `Bearer ${token}` };
    },
    connectionAckWaitTimeout: pongMs,
    keepAlive: pingMs,
    // By default a connection that cannot be opened is given up at once, and one that is lost after five attempts.
    shouldRetry: (problem) => !(problem instanceof Refused),
    retryAttempts: Infinity,
    // Our own count: the library's starts anew with each acknowledgement, also of a server that closes right after it.
    retryWait: wait,
    on: {
      connecting: () => (waiting = undefined),
      connected: () => {
        backoff.up();
        refusedToken = NONE;
        onChange({ type: 'connected' });
      },
      closed: (event) => {
        clearTimeout(pongTimer);
        const { code, reason } = isClose(event) ? event : { code: 1006, reason: '' };
        if (afterClose(code) === 'renew') refusedToken = latestToken;
        onChange({ type: 'disconnected', code, reason });
      },
      // The library pings, but does not mind when nothing comes back.
      ping: (isFromServer) => {
        if (!isFromServer) pongTimer = setTimeout(() => client.terminate(), pongMs);
      },
      pong: () => clearTimeout(pongTimer),
    },
  });
  return { client, wait };
}

/**
 * @param {unknown} value
 * @returns {value is { code: number, reason: string }}
 */
export function isClose(value) {
  return typeof value === 'object' && value !== null && 'code' in value && 'reason' in value;
}
