import type { Network } from './network.ts';
import { fullWorkflow, SERVER_EPOCH_MS, toWire } from './server.ts';
import { participantOf } from './socket.ts';
import { openStream } from './stream.ts';
import type { Process } from './virtual-time.ts';

export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const UNAUTHORIZED: Answer = {
  status: 401,
  body: { error: 'Unauthorized', message: 'Authentication is required to access this resource' },
};
const FAILED: Answer = {
  status: 500,
  body: { error: 'Internal server error', message: 'An error occurred while processing your request' },
};
/** Nothing is answered: the connection ends. */
const CUT = 'cut';

/** `fetch` of one tab. */
export function fetchOf(network: Network, tab: Process): Fetch {
  return (input, init = {}) => {
    const url = new URL(input);
    if (url.pathname === '/api/user/sse/events') return openStream(network, tab, url, init);
    return new Promise((resolve, reject) => {
      const call = new Call(network, tab, url, init);
      init.signal?.addEventListener('abort', () => reject(new DOMException('Aborted.', 'AbortError')));
      if (init.signal?.aborted) reject(new DOMException('Aborted.', 'AbortError'));
      call.run(
        (answer) => resolve(responseOf(answer)),
        () => reject(new TypeError('Failed to fetch')),
      );
    });
  };
}

/** A stream that gives all of `text` at once. */
function readerOf(text: string) {
  const chunks = [new TextEncoder().encode(text)];
  return {
    read: () => {
      const value = chunks.shift();
      return Promise.resolve({ done: value === undefined, value });
    },
    cancel: () => Promise.resolve(),
  };
}

function responseOf({ status, body }: Answer): Response {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = new Map([
    ['content-type', 'application/json; charset=utf-8'],
    ['date', new Date(SERVER_EPOCH_MS).toUTCString()],
  ]);
  // The parts that the client uses: the real class would bring its streams, which have a mind of their own about time.
  const response = {
    status,
    ok: status >= 200 && status < 300,
    type: 'cors',
    headers: { get: (name: string) => headers.get(name.toLowerCase()) ?? null },
    text: () => Promise.resolve(text),
    json: () => Promise.resolve().then(() => JSON.parse(text) as unknown),
    body: { getReader: () => readerOf(text) },
  };
  return response as unknown as Response;
}

/** One request, from the tab to the server and back. */
class Call {
  readonly #network: Network;
  readonly #tab: Process;
  readonly #url: URL;
  readonly #init: RequestInit;

  constructor(network: Network, tab: Process, url: URL, init: RequestInit) {
    this.#network = network;
    this.#tab = tab;
    this.#url = url;
    this.#init = init;
  }

  run(onAnswer: (answer: Answer) => void, onCut: () => void): void {
    const network = this.#network;
    const handle = this.#handler(onAnswer, onCut);
    if (network.isInForce('down')) network.time.schedule(onCut, network.delayMs(), this.#tab);
    else network.carry(handle, network.delayMs());
  }

  /** What the server does when the request arrives. */
  #handler(onAnswer: (answer: Answer) => void, onCut: () => void): () => void {
    const network = this.#network;
    const reply = (answer: Answer | typeof CUT, onDelivered?: () => void) => {
      const arrive = () => {
        onDelivered?.();
        if (answer === CUT) onCut();
        else onAnswer(answer);
      };
      network.carry(arrive, network.delayMs(), this.#tab);
    };
    switch (this.#url.pathname) {
      case '/token':
        return () => reply(this.#token());
      case '/health':
        return () => reply({ status: 200, body: 'Healthy' });
      case '/ws/chat/negotiate':
        return () =>
          reply(this.#participant() ? { status: 200, body: { connectionToken: 'T' } } : UNAUTHORIZED);
      case '/api/user/rest/history':
        return this.#history(reply);
      case '/api/user/rest/send':
        return this.#send(reply);
      default:
        return () => reply({ status: 404 });
    }
  }

  #send(reply: (answer: Answer | typeof CUT, onDelivered?: () => void) => void): () => void {
    const { journal, server, time } = this.#network;
    const { searchParams } = this.#url;
    const requestId = searchParams.get('requestId') ?? '';
    const attempt = journal.attempt({ requestId, tab: this.#tab.name, via: 'rest', startedAt: time.now });
    const settled = () => {
      attempt.settledAt ??= time.now;
    };
    const store = () => {
      const { message } = server.accept({
        requestId,
        participantId: String(searchParams.get('participantId')).toLowerCase(),
        workflowId: fullWorkflow(String(searchParams.get('workflow'))),
        scope: null,
        direction: 'Incoming',
        text: searchParams.get('text') ?? '',
      });
      attempt.copies.push(message);
      return { status: 200, body: message.threadId };
    };
    return () => {
      const refused = this.#refusal();
      if (refused) return reply(refused, settled);
      const fault = this.#network.nextSend();
      switch (fault?.kind) {
        case 'cut-before':
          return reply(CUT, settled);
        case 'cut-after':
          store();
          return reply(CUT, settled);
        case 'arrives-late':
          time.schedule(store, fault.ms);
          return reply(CUT, settled);
        case 'error-before':
          return reply(FAILED, settled);
        case 'error-after':
          store();
          return reply(FAILED, settled);
        case 'slow':
          time.schedule(() => reply(store(), settled), fault.ms);
          return;
        case 'slow-answer': {
          const answer = store();
          time.schedule(() => reply(answer, settled), fault.ms);
          return;
        }
        case 'doubled':
          attempt.doubled = true;
          time.schedule(store, fault.ms);
          return reply(store(), settled);
        case 'unauthorized':
          return reply(UNAUTHORIZED, settled);
        case 'rate-limited':
          return reply(tooMany(5), settled);
        default:
          return reply(store(), settled);
      }
    };
  }

  #history(reply: (answer: Answer | typeof CUT, onDelivered?: () => void) => void): () => void {
    const { journal, server, time } = this.#network;
    const { searchParams } = this.#url;
    const query = {
      workflowId: fullWorkflow(String(searchParams.get('workflow'))),
      participantId: String(searchParams.get('participantId')).toLowerCase(),
      scope: searchParams.get('scope') || null,
      page: Number(searchParams.get('page')),
      pageSize: Number(searchParams.get('pageSize')),
    };
    const look = journal.look({ ...query, tab: this.#tab.name, startedAt: time.now });
    return () => {
      const refused = this.#refusal();
      if (refused) return reply(refused);
      const fault = this.#network.nextRead();
      if (fault?.kind === 'error') return reply(FAILED);
      if (fault?.kind === 'cut') return reply(CUT);
      if (fault?.kind === 'rate-limited') return reply(tooMany(7));
      look.snapshotAt = time.now;
      const page = server.history(query).map(toWire);
      const send = () => reply({ status: 200, body: page }, () => (look.deliveredAt = time.now));
      if (fault?.kind === 'slow-answer') time.schedule(send, fault.ms);
      else send();
    };
  }

  #token(): Answer {
    if (this.#network.isInForce('noTokens')) return { status: 503 };
    const subject = this.#url.searchParams.get('who') ?? '';
    return {
      status: 200,
      body: { token: tokenFor(subject, this.#network.server.generation), expiresIn: 3_600 },
    };
  }

  #refusal(): Answer | undefined {
    const waitSeconds = this.#network.server.overLimit();
    if (waitSeconds !== undefined) return tooMany(waitSeconds);
    return this.#participant() ? undefined : UNAUTHORIZED;
  }

  #participant(): string | undefined {
    const headers = this.#init.headers as Readonly<Record<string, string>> | undefined;
    return participantOf(this.#network, headers?.['Authorization']?.replace('Bearer ', '') ?? null);
  }
}

function tooMany(seconds: number): Answer {
  const body = { error: 'Rate limit exceeded', message: 'Too many requests.', retryAfter: String(seconds) };
  return { status: 429, body };
}

/** A token as the sign-in service of the simulation gives it out. */
export function tokenFor(subject: string, generation: number): string {
  return `e30.${btoa(JSON.stringify({ sub: subject, generation }))}.s`;
}
