import { startServer as startDevServer } from '../../demo/server/server.ts';

type DevServer = Awaited<ReturnType<typeof startDevServer>>;

/** Options of a development server; see `demo/server/server.ts`. */
export type ServerOptions = NonNullable<Parameters<typeof startDevServer>[0]>;
/** A fault to set or lift, or an action; see `demo/server/`. */
export type ServerFault = Parameters<DevServer['control']>[0];
/** What the server received and stored. */
export type ServerReport = Awaited<ReturnType<DevServer['report']>>;

/** One development server, for one test. The same in a browser (`server.ts`) and in Node. */
export interface TestServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** What the server's own `control` resolves with; rejects when the fault is unknown or its parameters are wrong. */
  control(fault: ServerFault): Promise<Awaited<ReturnType<DevServer['control']>>>;
  report(): Promise<ServerReport>;
  /** Destroys every socket. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a server in this process on a free port. Stop it in the test's `after`. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startDevServer(options);
  let stopped: Promise<void> | undefined;
  return {
    url: server.url.replace(/\/$/, ''),
    control: async (fault) => server.control(fault),
    report: async () => server.report(),
    stop: () => (stopped ??= Promise.resolve(server.close())),
  };
}
