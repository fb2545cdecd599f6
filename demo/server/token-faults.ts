import type { FaultEntry } from './fault-entry.ts';
import type { TokenFault } from './faults.ts';
import { mintToken, type MintOptions } from './jwt.ts';

/** What a token endpoint may answer instead of a good token. It can also `hang`, `refuse` or `fail`. */
const KINDS = [
  'html', // 200 with a page, as from a proxy or an expired session
  'not-json',
  'empty-body',
  'huge', // a token of `bytes` characters
  'expired', // an hour ago, by the token's own `exp`; no lifetime beside it
  'stranger', // a good token of `participantId`
  'wrong-shape', // JSON without a token
  'empty-token',
  'unsendable', // a token with characters that no header can carry
  'expires-in', // a good token; `expiresIn` beside it is the one given, whatever that is
  'bare', // a good token and nothing else
  'oauth', // access_token, token_type and expires_in
] as const;

export const tokenFaults: Readonly<Record<string, FaultEntry>> = {
  token: {
    params:
      `kind: ${KINDS.map((kind) => `'${kind}'`).join('|')}, count?: number, ` +
      "participantId?: string = 'mallory@example.com', expiresIn? = -300, bytes?: number = 1000000",
    what: 'What the token endpoint answers instead; it can also hang, refuse or fail.',
    plan(read, { faults }) {
      const kind = read.oneOf('kind', KINDS);
      const participantId = read.text('participantId', 'mallory@example.com');
      const bytes = read.number('bytes', 1_000_000);
      const expiresIn = read.any('expiresIn') ?? -300;
      const left = read.count(Infinity);
      return () => faults.set('token', { left, kind, participantId, expiresIn, bytes });
    },
  },
};

/** A spoilt answer: always a 200, which is what makes it one. */
export interface TokenAnswer {
  contentType: string;
  body: string;
  /** Those in it that the server would accept. */
  issued: string[];
}

/** What the endpoint answers `participantId` under `fault`. */
export function spoiltAnswer(
  fault: TokenFault,
  participantId: string,
  { ttlSeconds = 300, secret }: MintOptions,
): TokenAnswer {
  const mint = (sub: string, seconds = ttlSeconds) =>
    mintToken(sub, { ttlSeconds: seconds, ...(secret === undefined ? {} : { secret }) });
  const json = (body: object, ...issued: string[]): TokenAnswer => ({
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify(body),
    issued,
  });
  const good = mint(participantId);
  switch (fault.kind) {
    case 'html':
      return { contentType: 'text/html', body: '<!doctype html><title>Sign in</title>', issued: [] };
    case 'not-json':
      return { ...json({}), body: `token=${good}` };
    case 'empty-body':
      return { ...json({}), body: '' };
    case 'huge':
      return json({ token: `${good}${'A'.repeat(fault.bytes)}`, expiresIn: ttlSeconds });
    case 'expired':
      return json({ token: mint(participantId, -3_600) });
    case 'stranger': {
      const token = mint(fault.participantId);
      return json({ token, expiresIn: ttlSeconds }, token);
    }
    case 'wrong-shape':
      return json({ ok: true, data: { jwt: good }, expiresIn: ttlSeconds });
    case 'empty-token':
      return json({ token: '', expiresIn: ttlSeconds });
    case 'unsendable':
      return json({ token: `${good}\r\nX-More: 1`, expiresIn: ttlSeconds });
    case 'expires-in':
      return json({ token: good, expiresIn: fault.expiresIn }, good);
    case 'bare':
      return json({ token: good }, good);
    default:
      return json({ access_token: good, token_type: 'Bearer', expires_in: ttlSeconds }, good);
  }
}
