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
  /** What was added with the tenant, by event. */
  readonly listeners: Map<string, Map<unknown, Undo>>;
}

/** Clients of several tenants on one page. They share nothing: no connection, token, message or queue. */
export class TenantManager {
  readonly #tenants = new Map<string, Tenant>();
  /** Removals under way. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #create: (options: HybridClientOptions) => HybridClient;

  /** @param create Makes a client; default {@link createHybridClient}. */
  constructor(create: (options: HybridClientOptions) => HybridClient = createHybridClient) {
    this.#create = create;
  }

  get size(): number {
    return this.#tenants.size;
  }

  /**
   * Adds a tenant and starts connecting. A tenant that is there already is returned as it is, with those of `listeners`
   * added that it does not have yet; one whose client was disposed of is made anew. If anything fails, nothing has changed
   * and nothing stays open.
   *
   * @throws {RealtimeError} `input` when the tenant is there with another server, participant or credential (a
   * `getToken` is the same only if it is the same function), or when a listener is not a function.
   */
  add(options: HybridClientOptions, listeners: TenantListeners = {}): HybridClient {
    const { tenantId } = options;
    checkListeners(listeners);
    const known = this.#tenants.get(tenantId);
    if (known && known.client.state !== 'closed') {
      if (!isSame(known.client.options, options)) {
        throw new RealtimeError(
          'input',
          `The tenant "${tenantId}" is there with another server, participant or credential.`,
        );
      }
      listen(known, listeners);
      return known.client;
    }
    const tenant: Tenant = { client: this.#create(options), listeners: new Map() };
    // Before it connects: a listener that adds the tenant once more must find it.
    this.#tenants.set(tenantId, tenant);
    try {
      listen(tenant, listeners);
      tenant.client.connect();
    } catch (error) {
      // The caller hears why connecting failed.
      this.#leave(tenantId, tenant).catch(reportUnheard);
      throw error;
    }
    return tenant.client;
  }

  get(tenantId: string): HybridClient | undefined {
    return this.#tenants.get(tenantId)?.client;
  }

  /**
   * Removes a tenant and disposes of its client. Resolves `false` when there is none. It is gone at once, even if disposing
   * takes its time or fails, and may be added again meanwhile.
   */
  async remove(tenantId: string): Promise<boolean> {
    const tenant = this.#tenants.get(tenantId);
    if (!tenant) return false;
    await this.#leave(tenantId, tenant);
    return true;
  }

  /**
   * Runs `work` for every tenant that is there now, side by side. One that fails does not stop the others; what `work`
   * itself throws has the code `bug`.
   */
  async broadcast<Value>(
    work: (client: HybridClient, tenantId: string) => Value | Promise<Value>,
  ): Promise<TenantResult<Value>[]> {
    return Promise.all(
      [...this.#tenants].map(async ([tenantId, { client }]): Promise<TenantResult<Value>> => {
        try {
          return { tenantId, ok: true, value: await work(client, tenantId) };
        } catch (reason) {
          return { tenantId, ok: false, error: RealtimeError.from(reason, 'bug', 'The call failed.') };
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
    const earlier = [...this.#leaving];
    const results = await Promise.allSettled(
      [...this.#tenants].map(([id, tenant]) => this.#leave(id, tenant)),
    );
    // What failed there, its own caller hears.
    await Promise.allSettled(earlier);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw RealtimeError.from(failed.reason, 'bug', 'A tenant could not be closed cleanly.');
  }

  async #leave(tenantId: string, { client, listeners }: Tenant): Promise<void> {
    if (this.#tenants.get(tenantId)?.client === client) this.#tenants.delete(tenantId);
    for (const undos of listeners.values()) for (const undo of undos.values()) undo();
    listeners.clear();
    const leaving = client.dispose();
    this.#leaving.add(leaving);
    try {
      await leaving;
    } finally {
      this.#leaving.delete(leaving);
    }
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

/** A function that listens to an event already is not added to it again. */
function listen({ client, listeners }: Tenant, added: TenantListeners): void {
  for (const name of Object.keys(added) as (keyof HybridClientEvents)[]) {
    const listener = added[name] as ((value: unknown) => void) | undefined;
    const known = listeners.get(name) ?? new Map<unknown, Undo>();
    listeners.set(name, known);
    if (listener && !known.has(listener)) known.set(listener, client.on(name, listener));
  }
}
