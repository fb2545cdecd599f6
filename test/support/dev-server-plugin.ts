import { randomUUID } from 'node:crypto';
import type { TestRunnerPlugin } from '@web/test-runner';
import type { ServerFault, ServerOptions, TestServer } from './node-server.ts';

/** Starts and steers development servers for tests that run in a browser; its other half is `server.ts`. */
export function devServerPlugin(): TestRunnerPlugin {
  const servers = new Map<string, TestServer>();

  function find(id: string): TestServer {
    const server = servers.get(id);
    if (!server) throw new Error('This server was stopped, or never started.');
    return server;
  }

  return {
    name: 'dev-server',
    async executeCommand({ command, payload }) {
      switch (command) {
        case 'server:start': {
          // Loaded when first needed, so that tests without a server run even while it is broken.
          const { startServer } = await import('./node-server.ts');
          const server = await startServer(payload as ServerOptions);
          const id = randomUUID();
          servers.set(id, server);
          return { id, url: server.url };
        }
        case 'server:control': {
          const { id, fault } = payload as { id: string; fault: ServerFault };
          return find(id).control(fault);
        }
        case 'server:report':
          return await find((payload as { id: string }).id).report();
        case 'server:stop': {
          const { id } = payload as { id: string };
          await servers.get(id)?.stop();
          servers.delete(id);
          return { stopped: true };
        }
        default:
          return undefined; // another plugin's
      }
    },
    async serverStop() {
      await Promise.all(Array.from(servers.values(), (server) => server.stop()));
      servers.clear();
    },
  };
}
