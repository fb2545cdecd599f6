import { expect } from '@open-wc/testing';
import { Credentials } from '../../src/transports/credentials.ts';
import { probeGraphql } from '../../src/transports/incident-dialect.ts';
import { createGraphqlReader } from '../../src/transports/incident-graphql.ts';
import { graphqlOverHttp, IncidentHttp } from '../../src/transports/incident-http.ts';
import { createRestReader, probeRest } from '../../src/transports/incident-rest.ts';
import { browserTransportEnvironment as environment } from '../../src/transports/transport.ts';
import { startServer, type TestServer } from '../support/server.ts';

const TOKEN = 'token-of-jane';

describe('incidents of a server of another origin', () => {
  let server: TestServer;
  let ids: string[];
  /** Whether each request that was tried carried the credential. */
  let tried: boolean[];

  beforeEach(async () => {
    server = await startServer();
    tried = [];
    const made = await server.control({ fault: 'incidents-create', incidents: [{ title: 'Slow' }] });
    ({ ids } = made as { ids: string[] });
  });
  afterEach(() => server.stop());

  function access() {
    const http = new IncidentHttp({
      environment: {
        ...environment,
        fetch: (input, init) => {
          tried.push(new Headers(init?.headers).has('authorization'));
          return environment.fetch(input, init);
        },
      },
      credentials: new Credentials({ token: TOKEN }),
      log: () => {},
    });
    const rest = { http, base: `${server.url}/v1`, uuid: () => environment.uuid() };
    return { request: graphqlOverHttp(http, `${server.url}/graphql`), rest };
  }

  it('are asked for with the credential where CORS allows it', async () => {
    const { request } = access();
    const reader = createGraphqlReader({ request, dialect: await probeGraphql(request) });
    expect((await reader.page({ page: 0, pageSize: 1 })).incidents[0]?.title).to.equal('Slow');
    expect(tried).to.deep.equal([true, true]);
  });

  it('are read and changed where `*` stands for all headers that may be sent, by GraphQL', async () => {
    await server.control({ fault: 'incidents-cors', authorization: false });
    const { request } = access();
    const reader = createGraphqlReader({ request, dialect: await probeGraphql(request) });
    await reader.page({ page: 0, pageSize: 1 });
    const incident = await reader.act({ kind: 'acknowledge', id: ids[0] ?? '' });
    expect(incident.phase).to.equal('acknowledged');
    // Chromium takes `*` for the credential too; where it does not, the change goes without.
    const { mutations } = (await server.report()).incidents;
    expect(mutations).to.have.length(1);
  });

  it('are read and changed as the service ships, by REST with its headers', async () => {
    await server.control({ fault: 'incidents-mode', mode: 'as-shipped' });
    const { rest } = access();
    const { actions } = await probeRest(rest);
    const reader = createRestReader(rest);
    const { incidents } = await reader.page({ page: 0, pageSize: 1 });
    expect(incidents[0]?.title).to.equal('Slow');
    expect((await reader.act({ kind: 'acknowledge', id: ids[0] ?? '' })).phase).to.equal('acknowledged');
    expect(await probeRest(rest)).to.deep.include({ via: 'rest' });
    expect([...actions]).to.deep.equal(['acknowledge', 'assign', 'reopen', 'resolve']);
  });
});
