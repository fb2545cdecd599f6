import { createHybridClient } from '../../src/client/hybrid-client.ts';
import { TenantManager } from '../../src/client/tenant-manager.ts';
import type { HybridClient, HybridClientOptions } from '../../src/client/types.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { KEY, testEnvironment, type TestEnvironment } from './support.ts';

export const JANE = 'jane@example.com';

/** A server, and managers of tenants on it whose clients all end with {@link close}. */
export class Tenancy {
  readonly server: TestServer;
  readonly tenants: TenantManager;
  readonly clients: HybridClient[] = [];
  readonly environments: TestEnvironment[] = [];
  readonly #managers: TenantManager[] = [];

  private constructor(server: TestServer) {
    this.server = server;
    this.tenants = this.manager();
  }

  static async open(): Promise<Tenancy> {
    return new Tenancy(await startServer({ agentDelayMs: 5, rateLimit: false }));
  }

  /** A manager whose clients `change` has been at. */
  manager(change: (client: HybridClient) => void = () => undefined): TenantManager {
    const manager = new TenantManager((options) => {
      const client = createHybridClient(options);
      this.clients.push(client);
      change(client);
      return client;
    });
    this.#managers.push(manager);
    return manager;
  }

  /** Of `acme`, with the development key, unless `more` says otherwise. */
  options(more: Partial<HybridClientOptions> = {}): HybridClientOptions {
    const environment = testEnvironment();
    this.environments.push(environment);
    return {
      serverUrl: this.server.url,
      tenantId: 'acme',
      participantId: JANE,
      apiKey: KEY,
      environment,
      ...more,
    };
  }

  globex(more: Partial<HybridClientOptions> = {}): HybridClientOptions {
    return this.options({ tenantId: 'globex', apiKey: `${KEY}-globex`, ...more });
  }

  async hubConnections(): Promise<number> {
    return (await this.server.report()).connections.hub;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#managers.map((manager) => manager.dispose()));
    // Also those that a test has lost.
    await Promise.allSettled(this.clients.map((client) => client.dispose()));
    await this.server.stop();
  }
}

/** Makes `client.dispose()` reject once everything is closed. */
export function failToClose(client: HybridClient): void {
  const dispose = client.dispose.bind(client);
  client.dispose = async () => {
    await dispose();
    throw new Error('The disk caught fire.');
  };
}

/** Makes `client.connect()` throw. */
export function failToConnect(client: HybridClient): void {
  client.connect = () => {
    throw new Error('No way in.');
  };
}
