import type { HybridClient, HybridClientOptions } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { findWaitingMark, pageStorage } from '../queue/waiting-mark.ts';
import { connectionKey } from './connection-key.ts';
import { acquire } from './shared-resource.ts';

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
 * The shared client for `options`: the same one for the same server, tenant, participant and credential, and never the
 * same one for different ones. Retain it in the same task.
 */
export function acquireSharedClient(options: HybridClientOptions): SharedClient {
  const load = async () => {
    const { createHybridClient } = await import('../client/hybrid-client.ts');
    return () => createHybridClient(options);
  };
  return acquire(connectionKey(options), load, (shared) => flush(shared, options));
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

/** What was written on an earlier page is sent from this one, although nothing may ask for the client here. */
function flush(shared: SharedClient, { serverUrl, tenantId, participantId }: HybridClientOptions): void {
  const storage = pageStorage();
  const place = serverUrl.replace(/\/+$/, '');
  if (!storage || !findWaitingMark(storage, place, tenantId, participantId?.toLowerCase())) return;
  shared.load().then(
    (client) => client.flush(),
    () => undefined, // The mark stays: the next page tries again, and so does whoever opens the chat.
  );
}
