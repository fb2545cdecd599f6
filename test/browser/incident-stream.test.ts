import { expect } from '@open-wc/testing';
import type { IncidentEvent } from '../../src/protocol/incident.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { IncidentTransport } from '../../src/transports/incident-transport.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: RealtimeError) => error,
  );

describe('the live stream of incidents in a browser', () => {
  let server: TestServer;
  let transport: IncidentTransport;
  let events: IncidentEvent[];
  let errors: RealtimeError[];

  beforeEach(async () => {
    server = await startServer();
    transport = new IncidentTransport({ incidentsUrl: server.url, token: 'token-of-jane', reconnect: false });
    events = [];
    errors = [];
    transport.on('event', (event) => events.push(event));
    transport.on('error', (error) => errors.push(error));
  });
  afterEach(async () => {
    await transport.dispose();
    await server.stop();
  });

  const closed = () => waitFor(() => transport.state === 'closed', 'the end of the stream');

  it('tells of what is new', async () => {
    await transport.probe();
    await transport.connect();
    await server.control({ fault: 'incidents-create', incidents: [{ title: 'Slow' }] });
    await waitFor(() => events.some(({ kind }) => kind === 'created'), 'the incident');
    expect(errors).to.deep.equal([]);
  });

  it('ends over a frame that is not part of the protocol, whatever it quotes', async () => {
    await transport.connect();
    await server.control({ fault: 'incidents-raw-frame', text: `{"type":"${'ü'.repeat(200)}"}` });
    await closed();
    expect(errors.map(({ code }) => code)).to.deep.equal(['protocol']);
    expect(transport.malformedFrames).to.equal(1);
  });

  it('says so when no socket can be opened, and tries nothing by itself', async () => {
    await server.control({ fault: 'incidents-refuse-sockets', on: true });
    expect((await failure(transport.connect()))?.code).to.equal('network');
    expect(transport.state).to.equal('closed');
    expect(errors).to.deep.equal([]);
  });

  it('can be given up while its socket is being opened', async () => {
    await server.control({ fault: 'incidents-refuse-sockets', on: true, how: 'hang' });
    const stop = new AbortController();
    const attempt = failure(transport.connect(stop.signal));
    await waitFor(() => transport.state === 'connecting', 'the attempt');
    stop.abort();
    expect((await attempt)?.code).to.equal('closed');
    await closed();
    await server.control({ fault: 'incidents-refuse-sockets', on: false });
    await transport.connect();
    expect(transport.state).to.equal('open');
  });

  it('is lost at the time of a peer that says nothing any more, and can be made anew', async () => {
    await transport.connect();
    await server.control({ fault: 'incidents-mute', on: true });
    expect((await failure(transport.ping(200)))?.code).to.equal('timeout');
    expect(transport.state).to.equal('closed');
    await server.control({ fault: 'incidents-mute', on: false });
    await transport.connect();
    expect(await transport.ping()).to.be.lessThan(5_000);
  });

  for (const [code, expected] of [
    [1000, 'network'],
    [1006, 'network'],
    [1011, 'server'],
    [1013, 'server'],
    [4400, 'protocol'],
    [4401, 'unauthorized'],
    [4403, 'unauthorized'],
  ] as const) {
    it(`ends with "${expected}" when the server closes it with ${code}`, async () => {
      await transport.connect();
      await server.control({ fault: 'incidents-close', code });
      await closed();
      expect(errors.map((error) => error.code)).to.deep.equal([expected]);
    });
  }
});
