import type { IncomingMessage, ServerResponse } from 'node:http';
import { Query } from './query.ts';

/** One HTTP request and the ways to answer it. Every answer may be called once. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: Query;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    const { path, query } = parseTarget(request.url ?? '/');
    this.path = path;
    this.query = query;
  }

  get method(): string {
    return this.request.method ?? 'GET';
  }

  json(status: number, body: unknown, contentType = 'application/json; charset=utf-8'): void {
    this.send(status, contentType, JSON.stringify(body));
  }

  /** RFC 9457, as `converse` answers. */
  problem(status: number, title: string, detail: string): void {
    const type = `https://tools.ietf.org/html/rfc9110#section-15.${status < 500 ? 5 : 6}`;
    this.json(status, { type, title, status, detail }, 'application/problem+json');
  }

  empty(status: number): void {
    this.response.writeHead(status, { 'Content-Length': 0 }).end();
  }

  send(status: number, contentType: string, body: string | Buffer): void {
    const length = Buffer.byteLength(body);
    this.response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': length }).end(body);
  }

  /** Cuts the connection instead of answering. */
  drop(): void {
    this.request.socket.destroy();
  }
}

/** Path and query of a request target. The target may begin with two slashes, which a bare `new URL` takes for a host. */
export function parseTarget(target: string): { path: string; query: Query } {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { path, query: new Query(new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))) };
}

/** Bodies of the error answers that many routes share. */
export const errorBodies = {
  401: { error: 'Unauthorized', message: 'Authentication is required to access this resource' },
  403: { error: 'Forbidden', message: 'You do not have permission to access this resource' },
  500: { error: 'Internal server error', message: 'An error occurred while processing your request' },
} as const;

/** The body the server has for `status`, or a plain one for a status that only a fault produces. */
export function errorBody(status: number): object {
  if (status === 401 || status === 403 || status === 500) return errorBodies[status];
  return { error: `Status ${status}`, message: 'The server was told to answer like this.' };
}

/** Thrown by {@link readBody} for more than `limit` bytes. */
export class BodyTooLargeError extends Error {
  constructor() {
    super('The request body is too large.');
    this.name = 'BodyTooLargeError';
  }
}

/** The whole body. Rejects when it is over `limit` bytes or the client goes away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLargeError();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
