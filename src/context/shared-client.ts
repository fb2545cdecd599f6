import type { HybridClient, HybridClientOptions } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { findWaitingMark, pageStorage } from '../queue/waiting-mark.ts';
import { connectionKey } from './connection-key.ts';

/** Why no client can be made: the options cannot work, or the page has not been allowed to connect yet. */
export type Blocked = RealtimeError | 'consent';

/**
 * A client that several elements use, and that is neither downloaded nor made before one of them needs it. This, not the
 * client itself, is what providers pass down.
 */
export interface SharedClient {
  /** Equal for equal connections. Carries no credential. */
  readonly key: string;
  /** `undefined` until {@link load} has been asked for it. */
  readonly client: HybridClient | undefined;
  /** Set where `load()` can only reject. */
  readonly blocked: Blocked | undefined;
  /**
   * Downloads the client's code, makes the client, and resolves with it. Later calls give the same one; after a failed
   * download the next call tries again. Rejects with `network` when the code cannot be loaded, `closed` when the last
   * user has gone meanwhile, or with what blocks it.
   */
  load(): Promise<HybridClient>;
  /** Tells when the client is there. */
  onClient(listener: () => void): Undo;
  /** Keeps the client until the undo runs. The client is disposed of shortly after the last user has gone. */
  retain(): Undo;
}

/**
 * Milliseconds between the last user's leave and the client's end, so that an element moved within the page, or made anew
 * by a framework in the next frame, finds its connection as it was.
 */
const RELEASE_DELAY_MS = 100;

const registry = new Map<string, RegisteredClient>();

/**
 * The shared client for `options`: the same one for the same server, tenant, participant and credential, and never the
 * same one for different ones. Retain it in the same task.
 */
export function acquireSharedClient(options: HybridClientOptions): SharedClient {
  const key = connectionKey(options);
  let entry = registry.get(key);
  if (!entry) registry.set(key, (entry = new RegisteredClient(key, options)));
  return entry;
}

/** A shared client that never comes, and why. */
export function blockedClient(blocked: Blocked): SharedClient {
  const error =
    blocked === 'consent'
      ? new RealtimeError('input', 'Consent to connect has not been given yet.')
      : blocked;
  return {
    key: blocked === 'consent' ? 'consent' : `problem: ${blocked.message}`,
    client: undefined,
    blocked,
    load: () => Promise.reject(error),
    onClient: () => () => {},
    retain: () => () => {},
  };
}

/** `client`, made by the page itself, in the shape providers pass down. The page keeps owning it. */
export function ownedClient(client: HybridClient): SharedClient {
  return {
    key: connectionKey(client.options),
    client,
    blocked: undefined,
    load: () => Promise.resolve(client),
    onClient: () => () => {},
    retain: () => () => {},
  };
}

class RegisteredClient implements SharedClient {
  readonly key: string;
  readonly blocked = undefined;
  readonly #options: HybridClientOptions;
  readonly #listeners = new Set<() => void>();
  #client: HybridClient | undefined;
  #loading: Promise<HybridClient> | undefined;
  #users = 0;

  constructor(key: string, options: HybridClientOptions) {
    this.key = key;
    this.#options = options;
    this.#endWhenUnused();
    this.#flush();
  }

  get client(): HybridClient | undefined {
    return this.#client;
  }

  load(): Promise<HybridClient> {
    return (this.#loading ??= this.#create());
  }

  onClient(listener: () => void): Undo {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  retain(): Undo {
    this.#users++;
    let retained = true;
    return () => {
      if (!retained) return;
      retained = false;
      this.#users--;
      this.#endWhenUnused();
    };
  }

  /** What was written on an earlier page is sent from this one, although nothing may ask for the client here. */
  #flush(): void {
    const { serverUrl, tenantId, participantId } = this.#options;
    const storage = pageStorage();
    const place = serverUrl.replace(/\/+$/, '');
    if (!storage || !findWaitingMark(storage, place, tenantId, participantId?.toLowerCase())) return;
    this.load().then(
      (client) => client.flush(),
      () => undefined, // The mark stays: the next page tries again, and so does whoever opens the chat.
    );
  }

  async #create(): Promise<HybridClient> {
    try {
      const { createHybridClient } = await import('../client/hybrid-client.ts');
      if (registry.get(this.key) !== this) {
        throw new RealtimeError('closed', 'The element was removed before the chat was loaded.');
      }
      const client = createHybridClient(this.#options);
      this.#client = client;
      for (const listener of [...this.#listeners]) listener();
      return client;
    } catch (error) {
      this.#loading = undefined;
      throw RealtimeError.from(error, 'network', 'Part of the chat could not be loaded.');
    }
  }

  #endWhenUnused(): void {
    if (this.#users > 0) return;
    setTimeout(() => {
      if (this.#users > 0 || registry.get(this.key) !== this) return;
      registry.delete(this.key);
      void this.#client?.dispose(); // never rejects
    }, RELEASE_DELAY_MS);
  }
}
