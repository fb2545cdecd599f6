import { startDeadline, type Deadline } from '../protocol/deadline.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';
import type { Credentials } from './credentials.ts';
import { graphqlFailures, incidentError, incidentHttpError, objectOf } from './incident-errors.ts';
import { HeaderConsent, type Headings } from './incident-headers.ts';
import type { GraphqlOperation, GraphqlRequest } from './incident-source.ts';
import type { Credential, Logger, TransportEnvironment } from './transport.ts';

const TIMEOUT_MS = 10_000;
/** Of a whole answer, unpacked. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface IncidentHttpPorts {
  readonly environment: TransportEnvironment;
  /** Absent: requests carry no credential. An API key is never sent: it belongs to a Xians server. */
  readonly credentials: Credentials | undefined;
  /** Gets no body and no query. */
  readonly log: Logger;
  /** Told the server's time, in milliseconds since 1970 and exact to a second, where an answer shows it. */
  readonly onServerClock?: (serverMs: number) => void;
  /** Its end cancels what is under way, and rejects what comes later with `closed`. */
  readonly life?: AbortSignal;
  /** Milliseconds until an answer must be complete. Default 10,000. */
  readonly timeoutMs?: number;
}

export interface IncidentHttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  /** Becomes JSON. */
  readonly body?: unknown;
  /** Left out where CORS refuses them. */
  readonly extraHeaders?: Readonly<Record<string, string>>;
  /** Whether a repeat does no harm, and a loss leaves nothing uncertain. */
  readonly isRead: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface IncidentHttpAnswer {
  readonly status: number;
  /** The JSON of the answer; `undefined` where it is none. */
  readonly body: unknown;
  /** What a status that is no success means. */
  readonly error: RealtimeError | undefined;
}

/** Careful requests to an incident manager: within a time, up to a size, without cookies, redirects or caches. */
export class IncidentHttp {
  readonly #ports: IncidentHttpPorts;
  readonly #consent = new HeaderConsent();
  /** Those under way. Each has a signal of its own: Node warns of one that many listen to. */
  readonly #calls = new Set<AbortController>();

  constructor(ports: IncidentHttpPorts) {
    this.#ports = ports;
    ports.life?.addEventListener('abort', () => {
      for (const call of this.#calls) call.abort();
    });
  }

  /**
   * Resolves with any answer that is JSON, or not a success. Rejects with `network`, `timeout`, `closed`, `unauthorized` for
   * a provider without a token, and `protocol` for what is no answer of an incident manager.
   */
  async send(request: IncidentHttpRequest): Promise<IncidentHttpAnswer> {
    const { environment, life, log, timeoutMs = TIMEOUT_MS } = this.#ports;
    const url = new URL(request.url);
    const name = `${request.method} ${url.pathname}`;
    if (request.signal?.aborted || life?.aborted)
      throw new RealtimeError('closed', 'The call was cancelled.');
    const call = new AbortController();
    this.#calls.add(call);
    const deadline = startDeadline(environment, timeoutMs, request.signal, call.signal);
    const startedAt = environment.monotonicNow();
    try {
      const answer = await this.#attempt(request, url, deadline);
      const tookMs = Math.round(environment.monotonicNow() - startedAt);
      log('debug', `${name}: ${answer.status} in ${tookMs} ms`);
      return answer;
    } catch (error) {
      log('warn', `${name}: ${error instanceof RealtimeError ? error.code : 'failed'}`);
      throw error;
    } finally {
      deadline.end();
      this.#calls.delete(call);
    }
  }

  async #attempt(request: IncidentHttpRequest, url: URL, deadline: Deadline): Promise<IncidentHttpAnswer> {
    const { credentials } = this.#ports;
    const credential = credentials && (await deadline.race(credentials.current()));
    const token = credential?.kind === 'jwt' ? credential : undefined;
    const wanted = { authorization: token !== undefined, extra: request.extraHeaders !== undefined };
    let failure: unknown;
    for (const sent of this.#consent.attempts(url, wanted, request.isRead)) {
      let response: Response;
      try {
        response = await deadline.race(this.#fetch(request, url, token, sent, deadline.signal));
      } catch (reason) {
        // The first one is about the request as it should be.
        failure ??= reason;
        if (deadline.signal.aborted) break;
        continue;
      }
      const answer = await this.#read(request, response, deadline);
      const refusal = refusalIn(answer);
      if (sent.authorization && token) credentials?.judge(token, refusal);
      if (this.#consent.answered(wanted, sent, refusal !== undefined)) return answer;
    }
    throw this.#failure(failure, request, deadline);
  }

  #fetch(
    { method, body, extraHeaders }: IncidentHttpRequest,
    url: URL,
    token: Credential | undefined,
    sent: Headings,
    signal: AbortSignal,
  ): Promise<Response> {
    return this.#ports.environment.fetch(url, {
      method,
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(sent.extra && extraHeaders),
        ...(sent.authorization && token && { Authorization: `Bearer ${token.value}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
      cache: 'no-store',
      credentials: 'omit',
      // Followed, a redirect would hand everything to whoever is named in it.
      redirect: 'manual',
    });
  }

  async #read(
    request: IncidentHttpRequest,
    response: Response,
    deadline: Deadline,
  ): Promise<IncidentHttpAnswer> {
    const { status, headers } = response;
    const stored = request.isRead ? 'no' : 'maybe';
    const foreign = (message: string) =>
      new RealtimeError('protocol', message, { status: status || undefined, stored });
    if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
      throw foreign('The incident server redirects; incidentsUrl must be its final address.');
    }
    let text: string | undefined;
    try {
      text = await deadline.race(readText(response));
    } catch (reason) {
      throw this.#failure(reason, request, deadline);
    }
    if (text === undefined) throw foreign('The incident server gave an answer that is too large to be read.');
    const serverMs = Date.parse(headers.get('date') ?? '');
    if (serverMs) this.#ports.onServerClock?.(serverMs);
    const isJson = /\bjson\b/i.test(headers.get('content-type') ?? '');
    const body = isJson ? parseJson(text) : undefined;
    if (!response.ok) return { status, body, error: incidentHttpError(status, body, headers) };
    if (!isJson) {
      throw foreign('Something other than the incident server answered, perhaps a sign-in page.');
    }
    if (body === undefined) throw foreign('The incident server gave an answer that is not JSON.');
    return { status, body, error: undefined };
  }

  #failure(reason: unknown, { isRead }: IncidentHttpRequest, deadline: Deadline): RealtimeError {
    const stored = isRead ? 'no' : 'maybe';
    return (
      deadline.failure(stored) ??
      RealtimeError.from(reason, 'network', 'The incident server could not be reached.', {
        cause: harmlessCause(reason),
        stored,
      })
    );
  }
}

/** GraphQL over HTTP at `url`. Resolves also with `errors`; rejects for statuses that are no success. */
export function graphqlOverHttp(http: IncidentHttp, url: string): GraphqlRequest {
  return async ({ query, variables, operationName }, signal) => {
    const isRead = isQuery({ query });
    const body = { query, variables, operationName };
    const answer = await http.send({ method: 'POST', url, body, isRead, signal });
    if (answer.error) throw answer.error;
    const result = objectOf(answer.body);
    if (!result || (result['data'] === undefined && result['errors'] === undefined)) {
      throw incidentError('protocol', { status: answer.status, stored: isRead ? 'no' : 'maybe' });
    }
    return { data: result['data'], errors: result['errors'] };
  };
}

/** Whether an operation changes nothing for sure. */
export function isQuery({ query }: GraphqlOperation): boolean {
  return /^\s*(query\b|\{)/.test(query) && !/\bmutation\b/.test(query);
}

/** Whoever asks is not let in; GraphQL says so in an answer whose status is a success. */
function refusalIn({ body, error }: IncidentHttpAnswer): RealtimeError | undefined {
  const codes = error ? [error.code] : graphqlFailures(objectOf(body)?.['errors']).map(({ code }) => code);
  const code = (['unauthorized', 'forbidden'] as const).find((each) => codes.includes(each));
  return code && (error ?? incidentError(code));
}

/** `undefined` for more than a page should hold. */
async function readText(response: Response): Promise<string | undefined> {
  // `fetch` of tests and old browsers may give no stream.
  if (!response.body) return response.text();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > MAX_BYTES) {
      // Not awaited: what is read no more may never end, and how it ends matters to nobody.
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller words it: the engine's message would quote the answer.
  }
}
