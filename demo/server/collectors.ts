import type { IncomingHttpHeaders } from 'node:http';
import { credentialKind } from './auth.ts';
import type { ServerContext } from './context.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { BodyTooLargeError, errorBody, readBody, type Exchange } from './exchange.ts';
import { answerFault } from './status-faults.ts';

/** Where pages may post their metrics and their reports of errors. */
export const COLLECTOR_PATHS = { '/demo/metrics': 'metrics', '/demo/errors': 'errors' } as const;
export type CollectorName = (typeof COLLECTOR_PATHS)[keyof typeof COLLECTOR_PATHS];

/** One post, complete: what a test looks through for things that should not have left the page. */
export interface CollectedPost {
  /** ISO 8601. */
  at: string;
  headers: IncomingHttpHeaders;
  /** As JSON where it is JSON, else as text. */
  body: unknown;
}

const KEEP = 200;
const BODY_LIMIT_BYTES = 262_144;

/** What was posted: the newest 200 of each kind, of at most 256 kB. */
export class Collected {
  readonly #posts: Record<CollectorName, CollectedPost[]> = { metrics: [], errors: [] };

  add(name: CollectorName, post: CollectedPost): void {
    const posts = this.#posts[name];
    posts.push(post);
    if (posts.length > KEEP) posts.shift();
  }

  report(): Readonly<Record<CollectorName, readonly CollectedPost[]>> {
    return { metrics: [...this.#posts.metrics], errors: [...this.#posts.errors] };
  }

  clear(): void {
    for (const posts of Object.values(this.#posts)) posts.length = 0;
  }
}

/** Whose collector is at `path`, if anybody's. */
export function collectorAt(path: string): CollectorName | undefined {
  return COLLECTOR_PATHS[path as keyof typeof COLLECTOR_PATHS];
}

/** Takes one post and answers 204, unless a fault says otherwise; then nothing is kept. */
export async function handleCollector(
  context: ServerContext,
  exchange: Exchange,
  name: CollectorName,
): Promise<void> {
  const { settings, received, collected } = context;
  const { request, method, path, query } = exchange;
  setCorsHeaders(exchange, settings.allowOrigin);
  if (method === 'OPTIONS') return answerPreflight(exchange, settings.allowHeaders);
  if (method !== 'POST') return exchange.empty(405);
  const { origin } = request.headers;
  const entry = received.add({
    transport: name,
    method,
    path,
    credential: credentialKind(request.headers, query, 'rest'),
    ...(origin === undefined ? {} : { pageOrigin: origin }),
  });
  exchange.response.once(
    'close',
    () => (entry.status = exchange.response.headersSent ? exchange.response.statusCode : 0),
  );
  if (answerFault(context, exchange, [name]) !== undefined) return;
  try {
    const text = (await readBody(request, BODY_LIMIT_BYTES)).toString('utf8');
    collected.add(name, { at: new Date().toISOString(), headers: request.headers, body: parsed(text) });
    exchange.empty(204);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    exchange.response.setHeader('Connection', 'close');
    exchange.json(413, errorBody(413));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // Not JSON, which is for the test to judge.
  }
}
