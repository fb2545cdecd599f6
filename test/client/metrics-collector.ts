import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a page's reports go. */
export interface Collector {
  readonly url: string;
  readonly received: {
    readonly method: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }[];
  /** What it answers: a status with headers, or nothing at all. Default: 200, for all origins. */
  answer: { readonly status: number; readonly headers?: Record<string, string> } | 'nothing';
  stop(): Promise<void>;
}

/** Starts one on a free loopback port; `url` has another origin than a page on another port. Stop it after the test. */
export async function startCollector(): Promise<Collector> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', headers } = request;
      collector.received.push({ method, headers, body: Buffer.concat(chunks).toString() });
      const { answer } = collector;
      if (answer === 'nothing') return;
      response.writeHead(answer.status, { 'Access-Control-Allow-Origin': '*', ...answer.headers });
      response.end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/collect`,
    received: [],
    answer: { status: 200 },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return collector;
}
