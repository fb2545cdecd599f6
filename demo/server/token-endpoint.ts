import { credentialKind } from './auth.ts';
import type { ServerContext } from './context.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { errorBody, type Exchange } from './exchange.ts';
import { mintToken } from './jwt.ts';

export const TOKEN_PATH = '/demo/token';

/**
 * What a customer's own backend would offer to its pages: a short-lived JWT for the visitor who is signed in. Here anyone
 * may name the `participant` (default `visitor`) and the lifetime `ttl` (seconds, default 300).
 */
export function handleToken({ auth, faults, received, settings }: ServerContext, exchange: Exchange): void {
  const { query, request, method, path } = exchange;
  setCorsHeaders(exchange, settings.allowOrigin);
  if (method === 'OPTIONS') return answerPreflight(exchange);
  const participantId = query.get('participant') || 'visitor';
  const ttlSeconds = Number(query.get('ttl') ?? 300);
  const forced = faults.takeStatus('refuse', 'token') ?? faults.takeStatus('fail', 'token');
  const isPossible = (method === 'GET' || method === 'POST') && Number.isFinite(ttlSeconds);
  const status = forced ?? (isPossible ? 200 : 400);
  received.add({
    transport: 'token',
    method,
    path,
    credential: credentialKind(request.headers, query, 'rest'),
    participantId,
    status,
    ...(request.headers.origin === undefined ? {} : { pageOrigin: request.headers.origin }),
  });
  if (status !== 200) return exchange.json(status, errorBody(status));
  const token = mintToken(participantId, {
    ttlSeconds,
    ...(settings.jwtSecret === undefined ? {} : { secret: settings.jwtSecret }),
  });
  auth.issued(token);
  exchange.response.setHeader('Cache-Control', 'no-store');
  exchange.json(200, { token, expiresIn: ttlSeconds });
}
