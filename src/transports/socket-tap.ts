/** What a tap tells about the sockets made through it. */
export interface SocketTap {
  /** To be given to the SignalR client in place of the class it would use. */
  readonly WebSocket: typeof globalThis.WebSocket;
  /** How many frames were handed to a socket. */
  readonly sent: number;
  /** The code of the Close frame that the last socket ended with; `undefined` while it lives. */
  readonly closeCode: number | undefined;
  /** Resolves when no socket is left. */
  closed(): Promise<void>;
  /** Ends every socket at once, also one that is still being opened. */
  cut(): void;
}

/**
 * Watches the sockets that the SignalR client opens. That client cannot give up an opening socket, tells nobody about
 * frames that are only a ping, and does not say whether a record it failed to send had left.
 *
 * @param onFrame Called for every frame that arrives.
 */
export function tapSocket(Base: typeof globalThis.WebSocket, onFrame: () => void): SocketTap {
  const sockets = new Set<WebSocket>();
  const waiting = new Set<() => void>();
  let sent = 0;
  let closeCode: number | undefined;

  class TappedWebSocket extends Base {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      sockets.add(this);
      this.addEventListener('message', onFrame);
      this.addEventListener('close', ({ code }) => {
        closeCode = code;
        sockets.delete(this);
        if (sockets.size === 0) for (const resolve of waiting) resolve();
      });
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      sent++;
      super.send(data);
    }
  }

  return {
    WebSocket: TappedWebSocket,
    get sent() {
      return sent;
    },
    get closeCode() {
      return closeCode;
    },
    closed: () =>
      new Promise((resolve) => {
        if (sockets.size === 0) resolve();
        else waiting.add(resolve);
      }),
    cut() {
      for (const socket of sockets) {
        // Only `ws` has it; a browser's socket is left to the browser, which closes it by itself.
        if ('terminate' in socket && typeof socket.terminate === 'function') socket.terminate();
        else socket.close();
      }
    },
  };
}
