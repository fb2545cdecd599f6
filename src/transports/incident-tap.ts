/** Over this a frame is refused unread; in UTF-16 units, which is bytes for most of what a server says. */
const MAX_FRAME = 32 * 1024 * 1024;
/** Ends a client of graphql-ws for good: after most other codes it would open a new socket by itself. */
const FATAL = { code: 4500, reason: '' };

export interface TapListener {
  onOpen(): void;
  /** graphql-ws says something. */
  onSend(data: string): void;
  /** Before graphql-ws sees it. `false`: it must not. */
  onFrame(data: unknown): boolean;
  /** A frame came that is not part of the protocol or too large; the socket is being closed. */
  onMalformed(): void;
  /** The socket is gone by itself. */
  onClose(code: number): void;
}

type Handler<Value> = ((value: Value) => void) | null;

/**
 * The one socket of one graphql-ws client, between it and the real one. It can be given up while it is still opening, tells
 * of every frame, keeps the library from reconnecting by itself, and closes with constant reasons: those of the library
 * quote what the server sent, and one of more than 123 bytes makes `close()` throw.
 */
export class SocketTap {
  onopen: Handler<unknown> = null;
  onmessage: Handler<{ data: unknown }> = null;
  onclose: Handler<{ code: number; reason: string }> = null;
  /** Never called: a close always follows, with a code that says more. */
  onerror: Handler<unknown> = null;
  /** Resolves when the real socket is gone. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #listener: TapListener;
  #ended = false;

  /** Throws what the constructor of `Socket` throws. */
  constructor(Socket: typeof WebSocket, url: string, protocol: string, listener: TapListener) {
    this.#listener = listener;
    // The second argument is the one place where every implementation looks for it.
    const socket = (this.#socket = new Socket(url, protocol));
    socket.addEventListener('open', () => {
      if (this.#ended) return;
      listener.onOpen();
      this.onopen?.({});
    });
    socket.addEventListener('message', ({ data }) => this.#receive(data as unknown));
    // Node ends the process over an error event that nobody listens to.
    socket.addEventListener('error', () => undefined);
    this.closed = new Promise((gone) => {
      socket.addEventListener('close', ({ code }) => {
        gone();
        if (this.#end()) listener.onClose(code);
      });
    });
  }

  get readyState(): number {
    return this.#ended ? 3 : this.#socket.readyState;
  }

  send(data: string): void {
    if (this.readyState !== 1) return;
    this.#socket.send(data);
    this.#listener.onSend(data);
  }

  /** Called by graphql-ws, and only over a frame that it could not read: how else a stream ends is decided elsewhere. */
  close(): void {
    if (!this.#end()) return;
    this.#socket.close(4400, 'Invalid message');
    this.#listener.onMalformed();
  }

  /** Ends it on purpose: neither the library nor the listener hears of it any more. */
  leave(): void {
    this.#end();
    this.#socket.close(1000, 'Normal Closure');
  }

  /** Ends it without a word where that is possible: the other side does not answer. */
  cut(): void {
    this.#end();
    const socket = this.#socket;
    if (canTerminate(socket)) socket.terminate();
    else socket.close();
  }

  #receive(data: unknown): void {
    if (this.#ended || !this.#listener.onFrame(data)) return;
    if (typeof data !== 'string' || data.length > MAX_FRAME) this.close();
    else this.onmessage?.({ data });
  }

  /** `false`: it had ended before. */
  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.onclose?.(FATAL);
    return true;
  }
}

/** A class for graphql-ws whose one instance is `tap`. */
export function socketClass(tap: SocketTap): unknown {
  const give = function () {
    return tap;
  };
  return Object.assign(give, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
}

/** Only the sockets of `ws` can; a browser's is left to the browser, which closes it by itself. */
function canTerminate(socket: WebSocket): socket is WebSocket & { terminate(): void } {
  return 'terminate' in socket && typeof socket.terminate === 'function';
}
