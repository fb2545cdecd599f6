// @ts-check
import { WebSocket } from 'ws';

const PROTOCOL = 'graphql-transport-ws';

/**
 * @typedef {{ type: string, id?: string, payload?: any }} Message
 * @typedef {(message: Message) => void} Send
 * @typedef {object} Options
 * @property {string} url `ws://…/graphql/ws`
 * @property {string | undefined} token
 * @property {number} pingMs How long after the last frame to ask whether the server is still there.
 * @property {number} pongMs How long it then has to say anything at all; also to let us in.
 * @property {AbortSignal} signal Closes it.
 * @property {(send: Send) => void} onUp The server acknowledged.
 * @property {(message: Message) => void} onMessage `next`, `error` or `complete`.
 */

/**
 * One connection, from its handshake to its end. Never rejects: however it ends, it says with what close code (1006: without
 * one).
 * @param {Options} options
 * @returns {Promise<{ code: number, reason: string }>}
 */
export function connect({ url, token, pingMs, pongMs, signal, onUp, onMessage }) {
  return new Promise((resolve) => {
    // The subprotocol is the second argument: as an option `ws` ignores it, and a server then closes with 4406.
    const socket = new WebSocket(url, PROTOCOL, { handshakeTimeout: pongMs });
    const send = (/** @type {Message} */ message) => socket.send(JSON.stringify(message));
    const leave = () => socket.close(1000);
    let problem = '';
    let isUp = false;
    let timer = setTimeout(() => socket.terminate(), pongMs);

    function isAlive() {
      clearTimeout(timer);
      timer = setTimeout(() => {
        send({ type: 'ping' });
        timer = setTimeout(() => socket.terminate(), pongMs); // a dead peer would not answer a close frame either
      }, pingMs);
    }

    function receive(/** @type {Message} */ { type, id, payload }) {
      if (type === 'connection_ack' && !isUp) {
        isUp = true;
        onUp(send);
      } else if (type === 'ping') send({ type: 'pong' });
      else if (isUp && ['next', 'error', 'complete'].includes(type)) onMessage({ type, id, payload });
      else if (type !== 'pong') throw new TypeError('a frame that is not in the protocol');
    }

    signal.addEventListener('abort', leave);
    socket.on('open', () => {
      send({ type: 'connection_init', payload: token && { Authorization: `Bearer ${token}` } });
    });
    socket.on('message', (data) => {
      try {
        receive(JSON.parse(String(data)));
        if (isUp) isAlive(); // any frame is a sign of life, but until the acknowledgement its deadline counts
      } catch (error) {
        problem = `Malformed: ${error instanceof Error ? error.message : error}`;
        socket.close(4400, 'Malformed frame');
      }
    });
    // Without a listener a refused connection would end the process. `close` follows.
    socket.on('error', (error) => (problem = error.message));
    socket.on('close', (code, reason) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      // The 4400 that we sent comes back as an echo; only the server's own means a mistake of ours.
      resolve(problem ? { code: 1006, reason: problem } : { code, reason: String(reason) });
    });
  });
}
