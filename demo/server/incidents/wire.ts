import type { WebSocket } from 'ws';
import type { Switches } from './switches.ts';

/** What a socket says before it may close by itself; see the fault `incidents-flap`. */
const ACK = /"type":"connection_ack"/;

/** The way out to one socket: it can be slow, or deaf and dumb. */
export class Wire {
  readonly #socket: WebSocket;
  readonly #switches: Switches;
  readonly #latencyMs: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #onTheWay: string[] = [];
  #dueAt = 0;

  constructor(socket: WebSocket, switches: Switches, latencyMs: () => number) {
    this.#socket = socket;
    this.#switches = switches;
    this.#latencyMs = latencyMs;
    // Browsers cannot send such pings, but programs can, and a mute peer does not answer them either.
    socket.on('ping', (data) => {
      if (!this.#isMute()) socket.pong(data);
    });
    socket.once('close', () => {
      for (const timer of this.#timers) clearTimeout(timer);
    });
  }

  /** Sends a frame, after those before it. While the wire is mute, it is lost. */
  send(frame: string): void {
    if (this.#isMute()) return;
    const now = performance.now();
    this.#dueAt = Math.max(this.#dueAt, now + this.#latencyMs());
    if (this.#dueAt <= now) return this.#put(frame);
    this.#onTheWay.push(frame);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // The oldest, whoever's timer this is: timers due in the same millisecond may change places.
      const oldest = this.#onTheWay.shift();
      if (oldest !== undefined && !this.#isMute()) this.#put(oldest);
    }, this.#dueAt - now);
    this.#timers.add(timer);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #put(frame: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(frame);
    const { on, code } = this.#switches.get('incidents-flap');
    if (on && frame.length < 200 && ACK.test(frame)) this.close(code, 'Flapping');
  }

  #isMute(): boolean {
    return this.#switches.get('incidents-mute').on;
  }
}
