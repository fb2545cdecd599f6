import type { Exchange } from './exchange.ts';

const ALLOWED_HEADERS =
  'Authorization,Content-Type,Accept,X-Tenant-Id,X-API-Key,X-Requested-With,X-SignalR-User-Agent';

/**
 * Sets the CORS headers of a listed origin: the origin itself, since SignalR sends credentials. No header is exposed, and
 * preflights are not cached.
 */
export function setCorsHeaders(
  { request, response }: Exchange,
  allowOrigin: (origin: string) => boolean,
): void {
  const { origin } = request.headers;
  if (origin === undefined || !allowOrigin(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader('Vary', 'Origin');
}

/** Answers `OPTIONS`. A browser with an unlisted origin sees no permission in it. `more` headers may be sent too. */
export function answerPreflight(exchange: Exchange, more: readonly string[] = []): void {
  const { request, response } = exchange;
  const method = request.headers['access-control-request-method'];
  if (response.hasHeader('Access-Control-Allow-Origin') && method !== undefined) {
    response.setHeader('Access-Control-Allow-Methods', method);
    response.setHeader('Access-Control-Allow-Headers', [ALLOWED_HEADERS, ...more].join(','));
  }
  response.writeHead(204).end();
}
