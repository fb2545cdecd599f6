import { RealtimeError } from '../protocol/errors.ts';
import { watchSilence, type SilenceWatch } from './silence.ts';
import { parseEventData, type SseStream, type SseStreamOptions } from './sse-stream.ts';

/** An EventSource hears only the events it is told the names of. */
const EVENT_NAMES = [
  ...['connected', 'heartbeat'],
  ...['Chat', 'Data', 'File', 'Handoff', 'Webhook', 'Reasoning', 'Tool', 'Heartbeat', 'unknown'],
] as const;

/**
 * A stream read through `EventSource`. It cannot set headers, so the credential is in the address, where proxies and the
 * server log it; it does not say why it failed; and it misses types it has no name for. It is there for origins that
 * are not in the server's CORS list, which this request, and no other, may be made from, and for browsers without
 * streaming `fetch`.
 */
export class EventSourceStream implements SseStream {
  readonly #options: SseStreamOptions;
  #source: EventSource | undefined;
  #watch: SilenceWatch | undefined;
  #opened = false;
  #ended = false;
  #reject: (error: RealtimeError) => void = () => {};
  #stopListening: () => void = () => {};

  constructor(options: SseStreamOptions) {
    this.#options = options;
  }

  open(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const { environment, url, credential, idleMs } = this.#options;
      this.#reject = reject;
      if (!environment.EventSource) {
        reject(new RealtimeError('unsupported', 'There is no EventSource here; pass one in.'));
        return;
      }
      const giveUp = () => this.#end(new RealtimeError('closed', 'The call was cancelled.'));
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#stopListening = () => signal.removeEventListener('abort', giveUp);

      const address = new URL(url);
      address.searchParams.set(credential.kind === 'api-key' ? 'apikey' : 'access_token', credential.value);
      this.#source = new environment.EventSource(address.href);
      this.#watch = watchSilence(environment, idleMs, () =>
        this.#end(new RealtimeError('timeout', 'The stream went silent.')),
      );
      for (const name of EVENT_NAMES) {
        this.#source.addEventListener(name, (event: MessageEvent<unknown>) => {
          if (name === 'connected' && !this.#opened) {
            this.#opened = true;
            this.#stopListening();
            resolve();
          }
          this.#receive(name, event.data);
        });
      }
      // Its own retry has no jitter, and none at all after an HTTP error: the transport decides.
      this.#source.onerror = () =>
        this.#end(new RealtimeError('network', 'The stream failed; a browser does not say why.'));
    });
  }

  close(): void {
    this.#end(new RealtimeError('closed', 'The stream was closed.'), true);
  }

  #receive(name: string, data: unknown): void {
    if (this.#ended) return;
    this.#watch?.heard();
    const parsed = typeof data === 'string' ? parseEventData(data) : undefined;
    if (parsed) this.#options.onEvent(name, parsed.data);
    else
      this.#options.onGarbled(new RealtimeError('protocol', 'The server sent an event that cannot be read.'));
  }

  #end(error: RealtimeError, onPurpose = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopListening();
    this.#watch?.stop();
    this.#source?.close();
    if (!this.#opened) this.#reject(error);
    else if (!onPurpose) this.#options.onLost(error);
  }
}
