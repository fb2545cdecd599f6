import { credentialKind } from './auth.ts';
import type { ServerContext } from './context.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { errorBody, type Exchange } from './exchange.ts';
import { mintToken } from './jwt.ts';
import { traceparentOf } from './received.ts';
import { answerFault } from './status-faults.ts';
import { spoiltAnswer } from './token-faults.ts';

export const TOKEN_PATH = '/demo/token';

/**
 * What a customer's own backend would offer to its pages: a short-lived JWT for the visitor who is signed in. Here anyone
 * may name the `participant` (default `visitor`) and the lifetime `ttl` (seconds, default 300).
 */
export function handleToken(context: ServerContext, exchange: Exchange): void {
  const { auth, faults, received, settings } = context;
  const { query, request, response, method, path } = exchange;
  setCorsHeaders(exchange, settings.allowOrigin);
  if (method === 'OPTIONS') return answerPreflight(exchange, settings.allowHeaders);
  const participantId = query.get('participant') || 'visitor';
  const ttlSeconds = Number(query.get('ttl') ?? 300);
  const { origin } = request.headers;
  const traceparent = traceparentOf(request);
  const entry = received.add({
    transport: 'token',
    method,
    path,
    credential: credentialKind(request.headers, query, 'rest'),
    participantId,
    ...(origin === undefined ? {} : { pageOrigin: origin }),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
  response.once('close', () => (entry.status ??= 0));
  response.setHeader('Cache-Control', 'no-store');
  const forced = answerFault(context, exchange, ['token']);
  if (forced !== undefined) {
    if (forced > 0) entry.status = forced;
    return;
  }
  if ((method !== 'GET' && method !== 'POST') || !Number.isFinite(ttlSeconds)) {
    entry.status = 400;
    return exchange.json(400, errorBody(400));
  }
  entry.status = 200;
  const mintOptions = {
    ttlSeconds,
    ...(settings.jwtSecret === undefined ? {} : { secret: settings.jwtSecret }),
  };
  const fault = faults.take('token');
  if (fault) {
    const { contentType, body, issued } = spoiltAnswer(fault, participantId, mintOptions);
    for (const token of issued) auth.issued(token);
    return exchange.send(200, contentType, body);
  }
  const token = mintToken(participantId, mintOptions);
  auth.issued(token);
  exchange.json(200, { token, expiresIn: ttlSeconds });
}
