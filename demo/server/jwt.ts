import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

export interface JwtClaims {
  sub: string;
  /** Seconds since 1970. */
  exp: number | undefined;
  /** Seconds since 1970. */
  iat: number | undefined;
}

export interface MintOptions {
  /** Seconds; negative makes a token that has expired. Default 300. */
  ttlSeconds?: number;
  /** Sign with HS256. Default: unsigned (`alg: none`). */
  secret?: string;
}

/** A development JWT for `sub`. No two are alike. */
export function mintToken(sub: string, { ttlSeconds = 300, secret }: MintOptions = {}): string {
  const iat = Math.floor(Date.now() / 1_000);
  const head = encode({ alg: secret === undefined ? 'none' : 'HS256', typ: 'JWT' });
  const body = encode({ sub, iat, exp: iat + ttlSeconds, jti: randomUUID() });
  return `${head}.${body}.${secret === undefined ? '' : signature(`${head}.${body}`, secret)}`;
}

/** The claims of `token`, or `undefined` if it is no JWT, has no `sub`, or its HS256 signature does not match `secret`. */
export function readToken(token: string, secret?: string): JwtClaims | undefined {
  const [head, body, signed, ...rest] = token.split('.');
  if (head === undefined || body === undefined || signed === undefined || rest.length > 0) return undefined;
  if (secret !== undefined && !sameText(signed, signature(`${head}.${body}`, secret))) return undefined;
  const claims = decode(body);
  if (typeof claims?.['sub'] !== 'string' || claims['sub'] === '') return undefined;
  return { sub: claims['sub'], exp: number(claims['exp']), iat: number(claims['iat']) };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // Not JSON, hence not a JWT: the caller answers 401.
  }
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function signature(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
