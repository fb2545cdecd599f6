import { createParser } from 'eventsource-parser';
import { RealtimeError } from '../protocol/errors.ts';
import { parseErrorResponse } from '../protocol/parse-error.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';
import { watchSilence, type SilenceWatch } from './silence.ts';
import type { Credential, TransportEnvironment } from './transport.ts';

export interface SseStreamOptions {
  /** `…/api/user/sse/events?…` without a credential. */
  readonly url: URL;
  readonly credential: Credential;
  /** For a stream that can have headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly environment: TransportEnvironment;
  /** Milliseconds without a byte after which the stream counts as dead. */
  readonly idleMs: number;
  /** Every event, `connected` and `heartbeat` included; `data` is the parsed JSON. */
  readonly onEvent: (name: string, data: unknown) => void;
  /** An event that cannot be read. The stream goes on. */
  readonly onGarbled: (error: RealtimeError) => void;
  /** The stream ended by itself, after `open()` had resolved. Once. */
  readonly onLost: (error: RealtimeError) => void;
}

/** One stream of one workflow and participant; never reused. */
export interface SseStream {
  /** Resolves with the server's `connected` event. Rejects with a typed error and then leaves nothing open. */
  open(signal: AbortSignal): Promise<void>;
  /** Ends it; `onLost` stays silent. */
  close(): void;
}

/** Characters that one unfinished event may take; a hostile or broken server must not fill the memory. */
const MAX_BUFFERED_CHARACTERS = 32 * 1024 * 1024;

/** A stream read through `fetch`, so that the credential travels in a header. */
export class FetchSseStream implements SseStream {
  readonly #options: SseStreamOptions;
  readonly #abort = new AbortController();
  #watch: SilenceWatch | undefined;
  #ended = false;
  #opened = false;
  #settle: { resolve: () => void; reject: (error: RealtimeError) => void } | undefined;

  constructor(options: SseStreamOptions) {
    this.#options = options;
  }

  open(signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      const giveUp = () => this.#end(new RealtimeError('closed', 'The call was cancelled.'));
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#settle = {
        resolve: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
        reject: (error) => {
          signal.removeEventListener('abort', giveUp);
          reject(error);
        },
      };
      void this.#run();
    });
  }

  close(): void {
    this.#end(new RealtimeError('closed', 'The stream was closed.'), true);
  }

  async #run(): Promise<void> {
    const { url, headers, environment, idleMs } = this.#options;
    try {
      // No Cache-Control and no Last-Event-ID: the server's CORS policy refuses both, and it keeps no cursor.
      const response = await environment.fetch(url, {
        headers,
        signal: this.#abort.signal,
        credentials: 'omit',
        redirect: 'manual',
      });
      await checkResponse(response);
      if (!response.body) throw new RealtimeError('unsupported', 'This browser cannot read a stream.');
      this.#watch = watchSilence(environment, idleMs, () =>
        this.#end(new RealtimeError('timeout', 'The stream went silent.')),
      );
      // A close while the answer was on its way could not stop a watch that did not exist yet.
      if (this.#ended) return this.#watch.stop();
      await this.#read(response.body);
      this.#end(new RealtimeError('network', 'The server ended the stream.'));
    } catch (reason) {
      const cause = harmlessCause(reason);
      this.#end(RealtimeError.from(reason, 'network', 'The stream to the server failed.', { cause }));
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let overflow: RealtimeError | undefined;
    const parser = createParser({
      maxBufferSize: MAX_BUFFERED_CHARACTERS,
      onEvent: ({ event, data }) => this.#receive(event ?? 'message', data),
      onError: (error) => {
        // Unknown fields are harmless.
        if (error.type !== 'max-buffer-size-exceeded') return;
        overflow = new RealtimeError('protocol', 'The server sent an event that is too large to be read.');
      },
    });
    const reader = body.getReader();
    const decoder = new TextDecoder(); // keeps characters that are split between two pieces
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#ended) return;
      this.#watch?.heard();
      parser.feed(decoder.decode(value, { stream: true }));
      if (overflow) throw overflow;
    }
  }

  #receive(name: string, data: string): void {
    if (this.#ended) return;
    const parsed = parseEventData(data);
    if (parsed === undefined) {
      this.#options.onGarbled(new RealtimeError('protocol', 'The server sent an event that cannot be read.'));
      return;
    }
    if (name === 'connected' && !this.#opened) {
      this.#opened = true;
      this.#settle?.resolve();
    }
    this.#options.onEvent(name, parsed.data);
  }

  #end(error: RealtimeError, onPurpose = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#watch?.stop();
    this.#abort.abort();
    if (!this.#opened) this.#settle?.reject(error);
    else if (!onPurpose) this.#options.onLost(error);
  }
}

/** The JSON of an event's data, in a box; `undefined` when it is none. */
export function parseEventData(data: string): { readonly data: unknown } | undefined {
  try {
    return { data: JSON.parse(data) as unknown };
  } catch {
    return undefined; // The caller reports it: the parser's own message would quote the data.
  }
}

async function checkResponse(response: Response): Promise<void> {
  const contentType = response.headers.get('content-type');
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    throw new RealtimeError('protocol', 'The server redirects; serverUrl must be its final address.');
  }
  if (!response.ok) {
    throw parseErrorResponse(response.status, contentType, await response.text(), response.headers);
  }
  if (!/^text\/event-stream\b/i.test(contentType ?? '')) {
    throw new RealtimeError('protocol', 'Something other than the server answered, perhaps a sign-in page.', {
      status: response.status,
    });
  }
}
