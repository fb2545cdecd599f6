/** What a `HubConnection` of @microsoft/signalr is built on: the shape of that package's internal `IConnection`. */
export interface HubLink {
  readonly features: Record<string, unknown>;
  readonly baseUrl: string;
  onreceive: ((data: string) => void) | null;
  onclose: ((error?: Error) => void) | null;
  start(): Promise<void>;
  send(data: string): Promise<void>;
  stop(error?: Error): Promise<void>;
}

/**
 * One WebSocket under a `HubConnection`, in place of that package's `HttpConnection`. It can be given up while it is still
 * opening, tells of frames that are only a ping, and counts what has left, none of which the original does; and it leaves
 * out long polling, server-sent events and their HTTP clients, which a hub session never uses.
 */
export class HubSocket implements HubLink {
  readonly features = {};
  readonly baseUrl = '';
  onreceive: ((data: string) => void) | null = null;
  onclose: ((error?: Error) => void) | null = null;
  readonly #Socket: typeof WebSocket;
  readonly #url: string;
  readonly #onFrame: () => void;
  #socket: WebSocket | undefined;
  #sent = 0;
  #closeCode: number | undefined;
  #isOpen = false;
  #closed: Promise<void> = Promise.resolve();

  /**
   * @param url `ws:` or `wss:`, credential included.
   * @param onFrame Called for every frame that arrives.
   */
  constructor(Socket: typeof WebSocket, url: string, onFrame: () => void) {
    this.#Socket = Socket;
    this.#url = url;
    this.#onFrame = onFrame;
  }

  /** How many frames were handed to the socket. */
  get sent(): number {
    return this.#sent;
  }

  /** The code that the socket ended with; `undefined` while it lives. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** Resolves when the socket is gone. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = (this.#socket = new this.#Socket(this.#url));
      socket.addEventListener('open', () => {
        this.#isOpen = true;
        resolve();
      });
      socket.addEventListener('message', ({ data }) => this.#receive(data as unknown));
      // A close always follows, with a code that says more.
      socket.addEventListener('error', () => undefined);
      this.#closed = new Promise((gone) => {
        socket.addEventListener('close', ({ code }) => {
          this.#closeCode = code;
          gone();
          reject(new Error('The socket could not be opened.'));
          this.#end(code === 1000 ? undefined : new Error('The socket was closed.'));
        });
      });
    });
  }

  send(data: string): Promise<void> {
    if (this.#socket?.readyState !== 1) return Promise.reject(new Error('The socket is not open.'));
    this.#sent++;
    this.#socket.send(data);
    return Promise.resolve();
  }

  /** Counts as closed at once, `onclose` included; the socket may take its time. See {@link closed}. */
  stop(error?: Error): Promise<void> {
    this.#socket?.close();
    this.#end(error);
    return Promise.resolve();
  }

  /** Ends the socket at once, also one that is still being opened. */
  cut(): void {
    const socket = this.#socket;
    if (socket && canTerminate(socket)) socket.terminate();
    else socket?.close();
  }

  #receive(data: unknown): void {
    // Before the handshake was sent nothing can be an answer, and `HubConnection` would fail over it unheard.
    if (!this.#isOpen || this.#sent === 0) return;
    this.#onFrame();
    try {
      this.onreceive?.(data as string);
    } catch (error) {
      // A frame that is not part of the protocol: nothing after it can be trusted.
      void this.stop(error instanceof Error ? error : new Error('A frame could not be read.'));
    }
  }

  /** The connection that was open is not any more; later calls say nothing new. */
  #end(error: Error | undefined): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.onclose?.(error);
  }
}

/** Only the sockets of `ws` can; a browser's is left to the browser, which closes it by itself. */
function canTerminate(socket: WebSocket): socket is WebSocket & { terminate(): void } {
  return 'terminate' in socket && typeof socket.terminate === 'function';
}
