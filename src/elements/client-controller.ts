import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { clientContext } from '../context/client-context.ts';
import type { SharedClient } from '../context/shared-client.ts';
import type { HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';

/**
 * Follows the shared client while its host is in the document: the host's own one if it has one, else that of the nearest
 * provider. It makes nothing load; it notices when somebody has loaded it. The host updates after every change.
 */
export class ClientController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #follow: (client: HybridClient) => Undo | undefined;
  #connected = false;
  #answered = false;
  #own: SharedClient | undefined;
  #provided: SharedClient | undefined;
  #shared: SharedClient | undefined;
  #client: HybridClient | undefined;
  #stopWaiting: Undo | undefined;
  #stopFollowing: Undo | undefined;

  /** @param follow Called with every client that comes; what it returns runs before the next one and on removal. */
  constructor(
    host: ReactiveControllerHost & HTMLElement,
    follow: (client: HybridClient) => Undo | undefined = () => undefined,
  ) {
    this.#host = host;
    this.#follow = follow;
    // Before the consumer, so that a removed host has forgotten its provider when the consumer asks for the next one.
    host.addController(this);
    new ContextConsumer(host, {
      context: clientContext,
      subscribe: true,
      callback: (shared) => {
        this.#answered = true;
        this.#provided = shared;
        this.#update();
      },
    });
  }

  get shared(): SharedClient | undefined {
    return this.#shared;
  }

  get client(): HybridClient | undefined {
    return this.#client;
  }

  /** Whether the host stands inside a provider, even one that has nothing to give yet. */
  get provided(): boolean {
    return this.#answered;
  }

  /** The host's own connection, which wins over the provider's. */
  set own(shared: SharedClient | undefined) {
    this.#own = shared;
    this.#update();
  }

  hostConnected(): void {
    this.#connected = true;
    this.#update();
  }

  hostDisconnected(): void {
    this.#connected = false;
    this.#answered = false;
    this.#provided = undefined;
    this.#update();
  }

  #update(): void {
    const shared = this.#connected ? (this.#own ?? this.#provided) : undefined;
    if (shared === this.#shared) return;
    this.#stopWaiting?.();
    this.#shared = shared;
    this.#stopWaiting = shared?.onClient(() => this.#take());
    this.#take();
  }

  #take(): void {
    const client = this.#shared?.client;
    if (client !== this.#client) {
      this.#stopFollowing?.();
      this.#client = client;
      this.#stopFollowing = client && this.#follow(client);
    }
    this.#host.requestUpdate();
  }
}
