import type { IncomingHttpHeaders } from 'node:http';
import { readToken } from './jwt.ts';
import type { Settings } from './options.ts';
import type { Query } from './query.ts';

/** Who is calling, once the credential has been accepted. */
export interface Identity {
  kind: 'key' | 'jwt';
  tenantId: string;
  /** Owner of the key, or `provider|sub`. */
  userId: string;
  /** The raw credential; the real server stores it where it should not. */
  credential: string;
  /** Whether it came in the `Authorization` header. */
  inHeader: boolean;
}

/** How a credential was presented, for the report. Never the credential itself. */
export type CredentialKind =
  'none' | 'query-key' | 'query-token' | 'query-other' | 'header-key' | 'header-jwt' | 'header-other';

interface Presented {
  value: string;
  inHeader: boolean;
}

const KEY_PREFIX = 'sk-Xnai-';
const KEY_OWNER = 'dev-user';
const PROVIDER = 'dev';

/** Checks credentials. One per server, since tokens can be made to expire. */
export class Authenticator {
  readonly #settings: Settings;
  readonly #seen = new Set<string>();
  readonly #expired = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #expiredBefore = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /**
   * The caller, or `undefined` for every reason to answer 401. REST and SSE look at the header first and the hub at
   * `?apikey=`; the first credential found decides, even if another one would do.
   */
  authenticate(headers: IncomingHttpHeaders, query: Query, via: 'rest' | 'hub'): Identity | undefined {
    const found = present(headers, query, via);
    if (!found) return undefined;
    const tenantId = query.get('tenantId') || undefined;
    const { value: credential, inHeader } = found;
    if (credential.startsWith(KEY_PREFIX)) {
      const owner = this.#settings.apiKeys[credential];
      if (owner === undefined || (tenantId !== undefined && tenantId !== owner)) return undefined;
      return { kind: 'key', tenantId: owner, userId: KEY_OWNER, credential, inHeader };
    }
    const claims = readToken(credential, this.#settings.jwtSecret);
    const knownTenant = Object.values(this.#settings.apiKeys).find((tenant) => tenant === tenantId);
    if (!claims || knownTenant === undefined || this.#hasExpired(credential, claims)) return undefined;
    this.#seen.add(credential);
    return { kind: 'jwt', tenantId: knownTenant, userId: `${PROVIDER}|${claims.sub}`, credential, inHeader };
  }

  /** The tenant that a request is for, whether or not its credential is good. */
  tenantOf(headers: IncomingHttpHeaders, query: Query): string | undefined {
    const key = present(headers, query, 'rest')?.value ?? '';
    return query.get('tenantId') || this.#settings.apiKeys[key];
  }

  /** Notes a token that this server has issued, so that {@link expireTokens} reaches it before its first use. */
  issued(token: string): void {
    this.#seen.add(token);
  }

  /** Refuses every JWT issued or seen so far, and those of earlier seconds. Later ones are accepted. */
  expireTokens(): void {
    for (const token of this.#seen) this.#expired.add(token);
    this.#seen.clear();
    this.#expiredBefore = Math.floor(Date.now() / 1_000);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each {@link expireTokens}. */
  onExpire(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Whether a JWT is good now, whatever tenant it is for. */
  acceptsToken(token: string): boolean {
    const claims = readToken(token, this.#settings.jwtSecret);
    if (!claims || this.#hasExpired(token, claims)) return false;
    this.#seen.add(token);
    return true;
  }

  /** When `token` expires, in milliseconds since 1970; `Infinity` for one that does not, or that is none. */
  expiryOf(token: string): number {
    return (readToken(token, this.#settings.jwtSecret)?.exp ?? Infinity) * 1_000;
  }

  #hasExpired(token: string, { exp, iat }: { exp: number | undefined; iat: number | undefined }): boolean {
    if (this.#expired.has(token) || (iat !== undefined && iat < this.#expiredBefore)) return true;
    return exp !== undefined && exp * 1_000 <= Date.now();
  }
}

/** How the caller presented a credential. */
export function credentialKind(
  headers: IncomingHttpHeaders,
  query: Query,
  via: 'rest' | 'hub',
): CredentialKind {
  const found = present(headers, query, via);
  if (!found) return 'none';
  const isKey = found.value.startsWith(KEY_PREFIX);
  const isJwt = found.value.split('.').length === 3;
  if (found.inHeader) return isKey ? 'header-key' : isJwt ? 'header-jwt' : 'header-other';
  return isKey ? 'query-key' : isJwt ? 'query-token' : 'query-other';
}

/**
 * Whether a JWT may act for `participantId` on the hub. REST and SSE do not ask. The real server compares with the
 * second `|`-separated piece of the user id, so that a `sub` which has a `|` itself never matches.
 */
export function mayActFor({ kind, userId }: Identity, participantId: string): boolean {
  return kind === 'key' || userId.split('|')[1]?.toLowerCase() === participantId.toLowerCase();
}

function present(headers: IncomingHttpHeaders, query: Query, via: 'rest' | 'hub'): Presented | undefined {
  const bearer = /^bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1]?.trim();
  const header = bearer ? { value: bearer, inHeader: true } : undefined;
  const value = query.get('apikey') || query.get('access_token');
  const parameter = value ? { value, inHeader: false } : undefined;
  return via === 'rest' ? (header ?? parameter) : (parameter ?? header);
}
