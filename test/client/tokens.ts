import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { defaultEnvironment, type Environment } from '../../src/client/environment.ts';
import { TokenManager, type TokenKey, type TokenSource } from '../../src/client/token-manager.ts';
import { ManualTime } from '../transports/manual-time.ts';

export const KEY: TokenKey = { serverUrl: 'https://xians.example', tenantId: 'acme' };
/** The wall clock of the tests at their start, in seconds: an issuer's that is right. */
export const EPOCH_SECONDS = 1_800_000_000;

/** An unsigned JWT. */
export function jwt(claims: Readonly<Record<string, unknown>>): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none' })}.${encode(claims)}.`;
}

/** What an endpoint does with one request. */
export interface TokenAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, if it is a text. Default: nothing ever comes. */
  readonly body?: unknown;
}

export interface TokenEndpoint {
  readonly url: string;
  /** Requests so far. */
  readonly asked: number;
  /** The next answers; the last one stays. */
  answer(...answers: (TokenAnswer | ((asked: number) => TokenAnswer))[]): void;
}

/** A sign-in service over real HTTP, for one test. */
export async function tokenEndpoint(t: TestContext): Promise<TokenEndpoint> {
  let answers: Parameters<TokenEndpoint['answer']> = [];
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    const next = answers.length > 1 ? answers.shift() : answers[0];
    const { status = 200, headers = {}, body } = (typeof next === 'function' ? next(asked) : next) ?? {};
    if (body === undefined) return;
    response.sendDate = false;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    get asked() {
      return asked;
    },
    answer: (...given) => void (answers = given),
  };
}

/** A page whose clocks a test moves. */
export class TokenPage {
  readonly time: ManualTime;
  readonly environment: Environment;
  /** Milliseconds by which the wall clock is wrong. */
  clockErrorMs = 0;

  constructor(overrides: Partial<Environment> = {}, time = new ManualTime()) {
    this.time = time;
    this.environment = defaultEnvironment({
      setTimer: this.time.setTimer,
      monotonicNow: this.time.monotonicNow,
      now: () => EPOCH_SECONDS * 1_000 + this.time.now + this.clockErrorMs,
      random: () => 0.5,
      ...overrides,
    });
  }

  tokens(source: TokenSource & { readonly key?: TokenKey }): TokenManager {
    return new TokenManager(source, this.environment);
  }
}
