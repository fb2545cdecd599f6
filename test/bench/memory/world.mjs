import { WebSocket } from 'ws';
import { defaultEnvironment } from '../../../src/client/environment.ts';
import { VirtualTime } from './virtual-time.mjs';

/** The environment of one client in Node, which counts what the client holds: timers, listeners, sockets, requests. */
export class World {
  time = new VirtualTime();
  sockets = new Set();
  socketsEver = 0;
  requests = 0;
  listeners = new Set();
  environment;

  constructor() {
    const opened = (/** @type {WebSocket} */ socket) => {
      this.socketsEver++;
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    };
    class CountedSocket extends WebSocket {
      constructor(/** @type {string} */ url) {
        super(url);
        opened(this);
      }
    }
    const startedAt = Date.now();
    this.environment = defaultEnvironment({
      WebSocket: CountedSocket,
      setTimer: this.time.setTimer,
      monotonicNow: this.time.monotonicNow,
      now: () => startedAt + this.time.monotonicNow(),
      isOnline: () => true,
      isVisible: () => true,
      shared: new Map(),
      onLifecycle: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      fetch: (input, init) => {
        this.requests++;
        return fetch(input, init).finally(() => this.requests--);
      },
    });
  }

  /** What is held at the moment. */
  get held() {
    return {
      timers: this.time.pending,
      listeners: this.listeners.size,
      sockets: this.sockets.size,
      requests: this.requests,
    };
  }
}
