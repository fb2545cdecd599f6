import { RealtimeError, type Stored } from '../protocol/errors.ts';
import { CONVERSE_SECONDS_MAX } from '../protocol/limits.ts';
import { parseConverseReply } from '../protocol/parse-converse.ts';
import { parseErrorResponse } from '../protocol/parse-error.ts';
import type { Message } from '../protocol/types.ts';
import type { AuthType, CredentialSource } from './credentials.ts';
import { startDeadline, type Deadline } from '../protocol/deadline.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';
import { checkPaging, toPage, type ThreadAddress } from './history.ts';
import { restMessage, restUrl } from './rest-request.ts';
import { requestHeaders, resolveAddress, resolveSettings, type Settings } from './settings.ts';
import type { HistoryPage, HistoryQuery, SendRequest, SendResult, TransportOptions } from './transport.ts';

export type { ThreadAddress } from './history.ts';

export interface RestTransportOptions extends TransportOptions {
  /** Milliseconds until an answer must be complete; `converse` adds the time the server waits. Default 30,000. */
  requestTimeoutMs?: number;
}

export interface ConverseRequest extends SendRequest {
  /** How long the server waits for the reply: 1 to 600. Default 60. */
  timeoutSeconds?: number;
}

/** Whether an agent's worker runs. */
export interface Availability {
  readonly available: boolean;
  /** `no-worker` when nobody answered; else what the agent says, for programs. */
  readonly reason?: string;
}

interface Exchange {
  method: 'GET' | 'POST' | 'DELETE';
  url: URL;
  body?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Added to the request timeout. */
  extraWaitMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_CONVERSE_SECONDS = 60;
const HEARTBEAT_SECONDS = 10;

/**
 * The plain HTTP calls of a Xians server: send, converse, history, delete. Holds no connection, retries nothing, and
 * keeps nothing; every failure is a {@link RealtimeError} whose `stored` says whether a send may have arrived.
 *
 * The credential travels in the `Authorization` header only, the body is the message's `data` only. `text` has to go
 * into the address, which is why long texts are refused with `too-large` before anything is sent.
 */
export class RestTransport {
  readonly kind = 'rest';
  readonly #settings: Settings;
  readonly #timeoutMs: number;
  /** Those in progress. Each has a signal of its own: Node warns of one that many listen to. */
  readonly #calls = new Set<AbortController>();
  #disposed = false;

  /** Throws `input` for options that cannot work. */
  constructor(options: RestTransportOptions) {
    this.#settings = resolveSettings(options);
    this.#timeoutMs = options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  get tenantId(): string {
    return this.#settings.tenantId;
  }

  get authType(): AuthType {
    return this.#settings.credentials.type;
  }

  updateApiKey(apiKey: string): void {
    this.#updateCredential({ apiKey });
  }

  updateToken(token: string): void {
    this.#updateCredential({ token });
  }

  updateTokenProvider(getToken: () => string | Promise<string>): void {
    this.#updateCredential({ getToken });
  }

  /** Resolves when the server has stored the message; says nothing about an agent being alive. */
  async send(request: SendRequest): Promise<SendResult> {
    const { environment } = this.#settings;
    const { url, body, outgoing } = restMessage(this.#settings, 'send', request, () => environment.uuid());
    const answer = await this.#exchange({ method: 'POST', url, body, signal: request.signal });
    if (typeof answer !== 'string' || answer === '') throw unexpected('maybe');
    return { threadId: answer, requestId: outgoing.requestId };
  }

  /**
   * Sends and waits for the first reply of the same type. The reply's `id` is made up, since the wire has none (see
   * `parseConverseReply`). A `timeout` with `stored: 'yes'` means that the reply may still come by another way.
   */
  async converse(request: ConverseRequest): Promise<Message> {
    const timeoutSeconds = request.timeoutSeconds ?? DEFAULT_CONVERSE_SECONDS;
    if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > CONVERSE_SECONDS_MAX) {
      throw new RealtimeError('input', `timeoutSeconds must be 1 to ${CONVERSE_SECONDS_MAX}.`);
    }
    const { environment } = this.#settings;
    const { url, body, outgoing } = restMessage(
      this.#settings,
      'converse',
      request,
      () => environment.uuid(),
      { timeoutSeconds },
    );
    const answer = await this.#exchange({
      method: 'POST',
      url,
      body,
      signal: request.signal,
      extraWaitMs: timeoutSeconds * 1_000,
    });
    try {
      return parseConverseReply(answer, { workflowId: outgoing.workflow, requestId: outgoing.requestId });
    } catch (cause) {
      throw new RealtimeError('protocol', 'The server sent a reply that cannot be understood.', {
        cause,
        stored: 'yes',
        retryable: false,
      });
    }
  }

  /** Asks whether an agent's worker runs. Both messages of the exchange stay in the thread for an hour; hide them. */
  async heartbeat(workflow: string, participantId?: string, signal?: AbortSignal): Promise<Availability> {
    const request = { workflow, participantId, signal, type: 'Heartbeat', timeoutSeconds: HEARTBEAT_SECONDS };
    try {
      const { data } = await this.converse(request);
      return availability(data);
    } catch (error) {
      if (error instanceof RealtimeError && error.status === 408) {
        return { available: false, reason: 'no-worker' };
      }
      throw error;
    }
  }

  async history(query: HistoryQuery): Promise<HistoryPage> {
    const { serverUrl, tenantId } = this.#settings;
    const { page, pageSize } = checkPaging(query);
    const { workflow, participantId } = resolveAddress(this.#settings, query.workflow, query.participantId);
    const url = restUrl(serverUrl, 'history', {
      workflow,
      participantId,
      tenantId,
      page,
      pageSize,
      scope: query.topic || undefined,
    });
    return toPage(await this.#exchange({ method: 'GET', url, signal: query.signal }), pageSize);
  }

  /** Deletes the thread with all topics. `false`: there was none. */
  async deleteThread(thread: ThreadAddress): Promise<boolean> {
    const { serverUrl, tenantId } = this.#settings;
    const { workflow, participantId } = resolveAddress(this.#settings, thread.workflow, thread.participantId);
    const url = restUrl(serverUrl, 'thread', { workflow, participantId, tenantId });
    try {
      return (await this.#exchange({ method: 'DELETE', url, signal: thread.signal })) === true;
    } catch (error) {
      // Only the server's own sentence means "no thread": any other 404 is a wrong address.
      if (error instanceof RealtimeError && error.status === 404 && /Thread not found/.test(error.message)) {
        return false;
      }
      throw error;
    }
  }

  /** Cancels what is in progress; later calls reject with `closed`. */
  dispose(): void {
    this.#disposed = true;
    for (const call of this.#calls) call.abort();
  }

  #updateCredential(source: CredentialSource): void {
    this.#settings.credentials.replace(source);
  }

  /** One request and its answer as parsed JSON. */
  async #exchange(exchange: Exchange): Promise<unknown> {
    const { environment, log } = this.#settings;
    if (this.#disposed || exchange.signal?.aborted) {
      throw new RealtimeError('closed', 'The call was cancelled.');
    }
    const limitMs = this.#timeoutMs + (exchange.extraWaitMs ?? 0);
    const call = new AbortController();
    this.#calls.add(call);
    const deadline = startDeadline(environment, limitMs, exchange.signal, call.signal);
    const startedAt = environment.monotonicNow();
    const name = `${exchange.method} ${exchange.url.pathname}`;
    try {
      const result = await this.#request(exchange, deadline);
      log('debug', `${name}: done in ${Math.round(environment.monotonicNow() - startedAt)} ms`);
      return result;
    } catch (error) {
      log(
        'warn',
        `${name}: ${error instanceof RealtimeError ? `${error.code}, ${error.message}` : 'failed'}`,
      );
      throw error;
    } finally {
      deadline.end();
      this.#calls.delete(call);
    }
  }

  async #request({ method, url, body }: Exchange, deadline: Deadline): Promise<unknown> {
    const { environment, credentials } = this.#settings;
    const credential = await deadline.race(credentials.current());
    const headers = requestHeaders(this.#settings, credential, url, 'application/json');
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const stored: Stored = method === 'POST' ? 'maybe' : 'no';
    try {
      const response = await deadline.race(
        environment.fetch(url, {
          method,
          headers,
          body,
          signal: deadline.signal,
          cache: 'no-store',
          credentials: 'omit',
          // Followed, a redirect would hand text and data to whoever is named in it.
          redirect: 'manual',
        }),
      );
      return await readAnswer(response, await deadline.race(response.text()), stored);
    } catch (reason) {
      credentials.judge(credential, reason);
      const failure = deadline.failure(stored);
      if (failure) throw failure;
      throw RealtimeError.from(reason, 'network', 'The server could not be reached.', {
        cause: harmlessCause(reason),
        stored,
      });
    }
  }
}

function readAnswer(response: Response, text: string, stored: Stored): unknown {
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    throw new RealtimeError('protocol', 'The server redirects; serverUrl must be its final address.', {
      status: response.status || undefined,
    });
  }
  const contentType = response.headers.get('content-type');
  if (!response.ok) throw parseErrorResponse(response.status, contentType, text, response.headers);
  if (!/\bjson\b/i.test(contentType ?? '')) {
    throw new RealtimeError('protocol', 'Something other than the server answered, perhaps a sign-in page.', {
      status: response.status,
      stored,
    });
  }
  try {
    return JSON.parse(text);
  } catch {
    // Without the engine's own error, which quotes the answer.
    throw new RealtimeError('protocol', 'The server sent an answer that is not JSON.', { stored });
  }
}

function availability(data: unknown): Availability {
  const answer = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  const reason = answer['reason'];
  return {
    available: answer['available'] === true,
    ...(typeof reason === 'string' && /^[\w-]{1,64}$/.test(reason) ? { reason } : {}),
  };
}

function unexpected(stored: Stored): RealtimeError {
  return new RealtimeError('protocol', 'The server gave an answer that does not belong to this call.', {
    stored,
  });
}
