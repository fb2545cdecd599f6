import { reportUnheard, type Undo } from '../protocol/emitter.ts';
import { RealtimeError } from '../protocol/errors.ts';
import { checkServerUrl } from '../transports/settings.ts';
import { createHybridClient } from './hybrid-client.ts';
import type { ConnectionStatus, HybridClient, HybridClientEvents, HybridClientOptions } from './types.ts';

/** Listeners given along with a tenant; they are added to whatever else listens. */
export type TenantListeners = {
  readonly [Name in keyof HybridClientEvents]?: (value: HybridClientEvents[Name]) => void;
};

/** What became of one tenant's part of a broadcast. */
export type TenantResult<Value> =
  | { readonly tenantId: string; readonly ok: true; readonly value: Value }
  | { readonly tenantId: string; readonly ok: false; readonly error: RealtimeError };

interface Tenant {
  readonly client: HybridClient;
  readonly undos: readonly Undo[];
}

/** Clients of several tenants on one page. They share nothing: no connection, token, message or queue. */
export class TenantManager {
  readonly #tenants = new Map<string, Tenant>();
  readonly #create: (options: HybridClientOptions) => HybridClient;

  /** @param create Makes a client; default {@link createHybridClient}. */
  constructor(create: (options: HybridClientOptions) => HybridClient = createHybridClient) {
    this.#create = create;
  }

  get size(): number {
    return this.#tenants.size;
  }

  /**
   * Adds a tenant and starts connecting. A tenant that is there already is returned as it is, with `listeners` added.
   * If anything fails the tenant is not added and nothing stays open.
   *
   * @throws {RealtimeError} `input` when the tenant is there with another server, participant or credential (a
   * `getToken` is the same only if it is the same function), or when a listener is not a function.
   */
  add(options: HybridClientOptions, listeners: TenantListeners = {}): HybridClient {
    const { tenantId } = options;
    checkListeners(listeners);
    const known = this.#tenants.get(tenantId);
    if (known) {
      if (!isSame(known.client.options, options)) {
        throw new RealtimeError(
          'input',
          `The tenant "${tenantId}" is there with another server, participant or credential.`,
        );
      }
      this.#tenants.set(tenantId, { ...known, undos: [...known.undos, ...listen(known.client, listeners)] });
      return known.client;
    }
    const client = this.#create(options);
    const undos = listen(client, listeners);
    try {
      client.connect();
    } catch (error) {
      for (const undo of undos) undo();
      // The caller hears why connecting failed.
      client.dispose().catch(reportUnheard);
      throw error;
    }
    this.#tenants.set(tenantId, { client, undos });
    return client;
  }

  get(tenantId: string): HybridClient | undefined {
    return this.#tenants.get(tenantId)?.client;
  }

  /** Removes a tenant and disposes of its client. Resolves `false` when there is none. It is gone even if disposing fails. */
  async remove(tenantId: string): Promise<boolean> {
    const tenant = this.#tenants.get(tenantId);
    if (!tenant) return false;
    this.#tenants.delete(tenantId);
    for (const undo of tenant.undos) undo();
    await tenant.client.dispose();
    return true;
  }

  /** Runs `work` for every tenant, side by side. One that fails does not stop the others. */
  async broadcast<Value>(
    work: (client: HybridClient, tenantId: string) => Value | Promise<Value>,
  ): Promise<TenantResult<Value>[]> {
    return Promise.all(
      [...this.#tenants].map(async ([tenantId, { client }]): Promise<TenantResult<Value>> => {
        try {
          return { tenantId, ok: true, value: await work(client, tenantId) };
        } catch (reason) {
          return { tenantId, ok: false, error: RealtimeError.from(reason, 'server', 'The call failed.') };
        }
      }),
    );
  }

  /** Status of every tenant's connection. */
  statuses(): ReadonlyMap<string, ConnectionStatus> {
    return new Map([...this.#tenants].map(([tenantId, { client }]) => [tenantId, client.status]));
  }

  /** Removes every tenant. Waits for all, then rejects with the first failure if there was one. Idempotent. */
  async dispose(): Promise<void> {
    const results = await Promise.allSettled(
      [...this.#tenants.keys()].map((tenantId) => this.remove(tenantId)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw RealtimeError.from(failed.reason, 'server', 'A tenant could not be closed cleanly.');
  }
}

function isSame(a: HybridClientOptions, b: HybridClientOptions): boolean {
  return (
    checkServerUrl(a.serverUrl) === checkServerUrl(b.serverUrl) &&
    a.participantId?.toLowerCase() === b.participantId?.toLowerCase() &&
    a.apiKey === b.apiKey &&
    a.tokenUrl === b.tokenUrl &&
    a.getToken === b.getToken
  );
}

function checkListeners(listeners: TenantListeners): void {
  for (const [name, listener] of Object.entries(listeners)) {
    if (listener !== undefined && typeof listener !== 'function') {
      throw new RealtimeError('input', `The listener of "${name}" is not a function.`);
    }
  }
}

function listen(client: HybridClient, listeners: TenantListeners): Undo[] {
  return (Object.keys(listeners) as (keyof HybridClientEvents)[]).flatMap((name) => {
    const listener = listeners[name] as ((value: unknown) => void) | undefined;
    return listener ? [client.on(name, listener)] : [];
  });
}
