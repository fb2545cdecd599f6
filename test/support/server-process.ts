import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerFault, ServerOptions, ServerReport, TestServer } from './node-server.ts';

const ENTRY = fileURLToPath(new URL('./server-process-entry.ts', import.meta.url));

/** A development server in a process of its own: it can be killed, and its work and memory are not the test's. */
export class ServerProcess implements TestServer {
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #url = '';

  private constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Starts on a free port, unless one is given. Stop it in the test's `after`. */
  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    await server.start();
    return server;
  }

  get url(): string {
    return this.#url;
  }

  /** Starts it again after {@link kill}, on the same port. Resolves when it listens. With `storeFile` it has kept its messages. */
  async start(): Promise<void> {
    const port = this.#url === '' ? {} : { port: Number(new URL(this.#url).port) };
    // Its input ends with this process, however that ends, and then so does the server.
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', ENTRY, JSON.stringify({ ...this.#options, ...port })],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    this.#child = child;
    const url = once(child.stdout, 'data').then(([line]) => String(line).trim());
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(`The server ended with ${String(code)} before it listened.`);
    });
    this.#url = await Promise.race([url, failed]);
    failed.catch(() => undefined); // ending later is what kill() is for
  }

  /** Ends the process at once: it closes nothing and says nothing to anybody. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async control(fault: ServerFault): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.#url}/__control`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(fault),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(String(answer['error']));
    return answer;
  }

  async report(): Promise<ServerReport> {
    return (await (await fetch(`${this.#url}/__control`)).json()) as ServerReport;
  }

  stop(): Promise<void> {
    return this.kill();
  }
}
