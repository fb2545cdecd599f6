/** What happens to the next message that is sent. Each is used up by one. */
export type SendFault =
  /** The connection ends before the server has the whole of it. */
  | 'cut-before'
  /** The server stores it; the connection ends before the answer. */
  | 'cut-after'
  /** The connection ends at once, and yet the bytes reach the server some time later. */
  | 'arrives-late'
  /** The server fails before it stores. */
  | 'error-before'
  /** The server stores, then fails. */
  | 'error-after'
  /** The server stores late, and answers after that. */
  | 'slow'
  /** The answer takes long; the message was stored at once. */
  | 'slow-answer'
  /** The network delivers the request twice (REST only). */
  | 'doubled'
  | 'unauthorized'
  | 'rate-limited';

/** What happens to the next read of history. */
export type ReadFault = 'error' | 'cut' | 'slow-answer' | 'rate-limited';

/** Faults that are in force. Times are virtual milliseconds until which one holds. */
export class Faults {
  /** Connections are refused. */
  down = 0;
  /** Connections go nowhere: nothing arrives, nothing fails. */
  blackHole = 0;
  /** No WebSocket opens. */
  noSockets = 0;
  /** No stream of events opens. */
  noStreams = 0;
  /** Everything takes `slowMs` longer. */
  slow = 0;
  slowMs = 0;
  /** The server stores, and tells nobody. */
  silent = 0;
  /** No token can be had. */
  noTokens = 0;
  readonly sends: { readonly kind: SendFault; readonly ms: number }[] = [];
  readonly reads: { readonly kind: ReadFault; readonly ms: number }[] = [];

  heal(): void {
    this.down =
      this.blackHole =
      this.noSockets =
      this.noStreams =
      this.slow =
      this.silent =
      this.noTokens =
        0;
    this.sends.length = 0;
    this.reads.length = 0;
  }
}
