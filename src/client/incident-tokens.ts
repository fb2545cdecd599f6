import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { rememberSecret } from '../protocol/redact.ts';
import type { Environment } from './environment.ts';
import type { IncidentCredentials } from './incident-client.ts';
import type { TokenKey, TokenManager, TokenSource } from './token-manager.ts';

/** Tokens of an incident client that stands alone. What manages them is loaded with the first one. */
export class LazyTokens implements IncidentCredentials {
  readonly #source: TokenSource & { readonly key: TokenKey };
  readonly #environment: Environment;
  #loading: Promise<TokenManager> | undefined;
  #manager: TokenManager | undefined;
  #forget: Undo = () => undefined;
  #isDisposed = false;

  constructor(source: TokenSource & { readonly key: TokenKey }, environment: Environment) {
    this.#source = source;
    this.#environment = environment;
  }

  /** The token in hand, if any. */
  get current(): string | undefined {
    return this.#manager?.current;
  }

  async getToken(): Promise<string> {
    const token = await (await this.#load()).get();
    const forget = this.#forget;
    this.#forget = rememberSecret(token); // no log and no report shows it
    forget();
    return token;
  }

  onRefused(token: string): void {
    this.#manager?.invalidate(token);
  }

  async renew(): Promise<boolean> {
    await this.getToken();
    return true;
  }

  clear(): void {
    this.#manager?.clear();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#manager?.dispose();
    this.#forget();
  }

  #load(): Promise<TokenManager> {
    return (this.#loading ??= this.#make().catch((error: unknown) => {
      this.#loading = undefined; // the next request tries again
      throw RealtimeError.from(error, 'network', 'The code for tokens could not be loaded.');
    }));
  }

  async #make(): Promise<TokenManager> {
    const { TokenManager } = await import('./token-manager.ts');
    if (this.#isDisposed) throw new RealtimeError('closed', 'The client has been disposed of.');
    return (this.#manager = new TokenManager(this.#source, this.#environment));
  }
}
