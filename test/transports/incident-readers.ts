import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Credentials } from '../../src/transports/credentials.ts';
import { probeGraphql, type IncidentDialect } from '../../src/transports/incident-dialect.ts';
import { createGraphqlReader } from '../../src/transports/incident-graphql.ts';
import { graphqlOverHttp, IncidentHttp, type IncidentHttpPorts } from '../../src/transports/incident-http.ts';
import { createRestReader, type RestReaderPorts } from '../../src/transports/incident-rest.ts';
import type {
  GraphqlOperation,
  GraphqlRequest,
  IncidentReader,
} from '../../src/transports/incident-source.ts';
import { startServer, type TestServer } from '../support/node-server.ts';
import { nodeEnvironment } from './support.ts';

export const UNKNOWN_ID = '11111111-1111-4111-8111-111111111111';

/** Requests to the server at `url`, and what was logged on the way. */
export interface Access {
  readonly http: IncidentHttp;
  readonly request: GraphqlRequest;
  readonly rest: RestReaderPorts;
  readonly log: string[];
  /** Tokens that were refused. */
  readonly refused: string[];
}

export function access(url: string, ports: Partial<IncidentHttpPorts> & { token?: string } = {}): Access {
  const { token, ...more } = ports;
  const log: string[] = [];
  const refused: string[] = [];
  const environment = nodeEnvironment();
  const credentials = token ? new Credentials({ token, onRefused: (each) => refused.push(each) }) : undefined;
  const http = new IncidentHttp({
    environment,
    credentials,
    log: (level, message) => log.push(`${level} ${message}`),
    ...more,
  });
  const request = graphqlOverHttp(http, `${url}/graphql`);
  return { http, request, rest: { http, base: `${url}/v1`, uuid: () => environment.uuid() }, log, refused };
}

export interface IncidentBench extends Access {
  readonly server: TestServer;
  /** Documents in the order in which they were sent. */
  readonly sent: string[];
  control(fault: string, parameters?: object): Promise<unknown>;
  /** Adds incidents, newest last; resolves with their ids. */
  create(...incidents: readonly object[]): Promise<string[]>;
  graphql(dialect?: IncidentDialect): Promise<IncidentReader>;
  restReader(ports?: Partial<RestReaderPorts>): IncidentReader;
}

/** The local server with an incident manager for one test. */
export async function incidentBench(
  t: TestContext,
  ports: Parameters<typeof access>[1] = {},
): Promise<IncidentBench> {
  const server = await startServer();
  t.after(() => server.stop());
  const all = access(server.url, ports);
  const sent: string[] = [];
  const request: GraphqlRequest = (operation, signal) => {
    sent.push(operation.query);
    return all.request(operation, signal);
  };
  const control = (fault: string, parameters: object = {}) => server.control({ fault, ...parameters });
  return {
    ...all,
    request,
    server,
    sent,
    control,
    create: async (...incidents) => {
      const made = await control('incidents-create', { incidents });
      return (made as { ids: string[] }).ids;
    },
    graphql: async (dialect) =>
      createGraphqlReader({ request, dialect: dialect ?? (await probeGraphql(request)) }),
    restReader: (given) => createRestReader({ ...all.rest, ...given }),
  };
}

export interface FakeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that answers as a test says, and the requests that it got. */
export async function fakeServer(
  t: TestContext,
  answer: (request: FakeRequest, response: ServerResponse) => unknown,
): Promise<{ readonly url: string; readonly requests: FakeRequest[] }> {
  const requests: FakeRequest[] = [];
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body: Buffer.concat(parts).toString() };
      requests.push(request);
      void answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Answers with JSON. */
export function json(response: ServerResponse, body: unknown, status = 200, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A stand-in for a GraphQL server: every document, and what comes back. */
export function scripted(answer: (query: string) => Awaited<ReturnType<GraphqlRequest>>): {
  readonly request: GraphqlRequest;
  readonly sent: string[];
} {
  const sent: string[] = [];
  const request = async ({ query }: GraphqlOperation) => {
    sent.push(query);
    return answer(query);
  };
  return { request, sent };
}

/** An incident as GraphQL has it. */
export function row(id: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    id,
    title: `Incident ${id}`,
    description: '',
    severity: 'P2',
    state: 'DETECTED',
    createdAt: '2026-01-02T03:04:05Z',
    updatedAt: '2026-01-02T03:04:05Z',
    source: 'probe',
    incidentType: 'PERFORMANCE',
    affectedResources: [],
    assignees: [],
    ...overrides,
  };
}
