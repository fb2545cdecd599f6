import { defaultEnvironment } from '../../../src/client/environment.ts';
import { TokenManager } from '../../../src/client/token-manager.ts';
import { RestTransport } from '../../../src/transports/rest-transport.ts';

/** What a page of the test offers to it. */
export interface TokenPageCalls {
  /** The first token. */
  begin(serverUrl: string): Promise<string>;
  /** Reads history `count` times at once; what is refused is read again with another token. */
  read(count: number): Promise<{ refused: number; answered: number; current: string | undefined }>;
  /** `token` is refused `count` times at once, and another one asked for as often. */
  renew(token: string, count: number): Promise<string[]>;
}

let tokens: TokenManager;
let rest: RestTransport;

const calls: TokenPageCalls = {
  begin(serverUrl) {
    const key = { serverUrl, tenantId: 'acme', participantId: 'jane@example.com' };
    const tokenUrl = `${serverUrl}/demo/token?participant=jane@example.com`;
    tokens = new TokenManager({ tokenUrl, key }, defaultEnvironment());
    rest = new RestTransport({
      ...key,
      getToken: () => tokens.get(),
      onRefused: (token) => tokens.invalidate(token),
    });
    return tokens.get();
  },
  async read(count) {
    const workflow = 'Echo Agent:Echo Flow';
    let refused = 0;
    const one = async () => {
      try {
        await rest.history({ workflow });
      } catch (error) {
        if ((error as { status?: number }).status !== 401) throw error;
        refused++;
        await rest.history({ workflow });
      }
    };
    await Promise.all(Array.from({ length: count }, one));
    return { refused, answered: count, current: tokens.current };
  },
  renew(token, count) {
    const one = () => {
      tokens.invalidate(token);
      return tokens.get();
    };
    return Promise.all(Array.from({ length: count }, one));
  },
};

Object.assign(globalThis, { calls });
