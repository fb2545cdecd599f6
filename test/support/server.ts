import { executeServerCommand } from '@web/test-runner-commands';
import type { ServerOptions, ServerReport, TestServer } from './node-server.ts';

export type { ServerFault, ServerOptions, ServerReport, TestServer } from './node-server.ts';

/**
 * Starts a development server for one test of a browser suite; it runs in the test runner's process. `options` have to
 * survive JSON. Stop it in `afterEach`; what a test forgets is stopped when the run ends.
 */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const { id, url } = await command<{ id: string; url: string }>('server:start', options);
  return {
    url,
    control: (fault) => command('server:control', { id, fault }),
    report: () => command<ServerReport>('server:report', { id }),
    stop: () => command('server:stop', { id }),
  };
}

function command<Result>(name: string, payload: object): Promise<Result> {
  return executeServerCommand<Result, object>(name, payload);
}
