import { reportUnheard } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { harmlessCause } from '../protocol/harmless-text.ts';
import type { Credential, TransportOptions } from './transport.ts';

/** Where a credential comes from: exactly one of the three. */
export interface CredentialSource {
  apiKey?: string;
  token?: string;
  getToken?: () => string | Promise<string>;
  /** See {@link TransportOptions.onRefused}; stays when the credential is replaced. */
  onRefused?: TransportOptions['onRefused'];
}

/** Which of the three is in use. */
export type AuthType = 'api-key' | 'token' | 'token-provider';

/** Holds the one credential of a transport, and asks the provider anew for each request or connection. */
export class Credentials {
  #source: CredentialSource;
  #type: AuthType;
  readonly #onRefused: CredentialSource['onRefused'];

  /** Throws `input` unless exactly one usable credential is given. */
  constructor(source: CredentialSource) {
    this.#type = check(source);
    this.#source = pick(source);
    this.#onRefused = source.onRefused;
  }

  get type(): AuthType {
    return this.#type;
  }

  /** Replaces whatever credential there was. Throws `input` as the constructor does. */
  replace(source: CredentialSource): void {
    this.#type = check(source);
    this.#source = pick(source);
  }

  /** The credential to use now. Rejects with `unauthorized` when the provider fails or gives nothing usable. */
  async current(): Promise<Credential> {
    const { apiKey, token, getToken } = this.#source;
    if (apiKey !== undefined) return { kind: 'api-key', value: apiKey };
    if (token !== undefined) return { kind: 'jwt', value: token };
    const value = getToken && (await askProvider(getToken));
    if (!isUsable(value)) {
      throw new RealtimeError('unauthorized', 'The token provider gave no usable token.', {
        retryable: true,
        service: 'sign-in',
      });
    }
    return { kind: 'jwt', value };
  }

  /** Tells whoever gives out credentials that `credential` was refused, if that is what `reason` says. */
  judge({ value }: Credential, reason: unknown): void {
    if (!(reason instanceof RealtimeError) || reason.code !== 'unauthorized') return;
    try {
      this.#onRefused?.(value);
    } catch (error) {
      reportUnheard(error); // the call's own failure is what its caller has to hear
    }
  }
}

async function askProvider(getToken: () => string | Promise<string>): Promise<unknown> {
  try {
    return await getToken();
  } catch (reason) {
    // The page's own error, unless it could quote the token: then it is the engine's, about an answer that is not JSON.
    const cause = reason instanceof SyntaxError ? harmlessCause(reason) : reason;
    throw RealtimeError.from(reason, 'unauthorized', 'No token could be obtained.', {
      cause,
      retryable: true,
      service: 'sign-in',
    });
  }
}

function check({ apiKey, token, getToken }: CredentialSource): AuthType {
  const given = [apiKey, token, getToken].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new RealtimeError('input', 'Give exactly one of apiKey, token and getToken.');
  }
  if (getToken !== undefined) {
    if (typeof getToken !== 'function') throw new RealtimeError('input', 'getToken must be a function.');
    return 'token-provider';
  }
  if (!isUsable(apiKey ?? token)) {
    throw new RealtimeError('input', 'The credential is empty or has characters that a header cannot carry.');
  }
  return apiKey === undefined ? 'token' : 'api-key';
}

function pick({ apiKey, token, getToken }: CredentialSource): CredentialSource {
  return { apiKey, token, getToken };
}

/** Printable ASCII without spaces: anything else makes `fetch` throw an error that quotes the header's value. */
export function isUsable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}
