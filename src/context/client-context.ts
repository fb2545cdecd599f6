import { ContextProvider, ContextRoot, createContext } from '@lit/context';
import type { HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import { ownedClient, type SharedClient } from './shared-client.ts';

/**
 * The connection that the elements inside a provider use. `undefined` while the provider has not read its attributes yet.
 * The number is part of the key so that a copy of the library with another shape of value never meets this one.
 */
export const clientContext = createContext<SharedClient | undefined>(Symbol.for('xians-widgets-client-1'));

/** Gives `client` to every element inside `host`, until the undo runs. The caller keeps owning the client. */
export function provideClient(client: HybridClient, host: HTMLElement): Undo {
  const provider = new ContextProvider(host, {
    context: clientContext,
    initialValue: ownedClient(client),
  });
  provider.hostConnected();
  return () => {
    provider.setValue(undefined);
    host.removeEventListener('context-request', provider.onContextRequest);
    host.removeEventListener('context-provider', provider.onProviderRequest);
  };
}

const ATTACHED = Symbol.for('xians-widgets-context-root-1');

/**
 * Remembers requests that no provider answered, and repeats them when a provider appears: elements may be upgraded before
 * their provider is. Call it before any tag is defined; further calls do nothing.
 */
export function attachContextRoot(
  root: HTMLElement & { [ATTACHED]?: true } = document.documentElement,
): void {
  if (root[ATTACHED]) return;
  root[ATTACHED] = true;
  new ContextRoot().attach(root);
}
