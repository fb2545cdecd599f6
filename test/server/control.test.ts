import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer, type DevServer } from '../../demo/server/server.ts';
import { call, chat, connected, ECHO, history, JANE, serve, SILENT } from './fixture.ts';

const post = (server: DevServer, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/__control`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** Every name that tests may rely on. */
const NAMES = [
  'reset',
  'down',
  'up',
  'drop-sockets',
  'close-hub',
  'refuse',
  'fail',
  'rate-limit',
  'suspend-broadcasts',
  'store-then-500',
  'store-then-drop',
  'drop-before-store',
  'hub-error',
  'latency',
  'reply-before-processed',
  'delay-processed',
  'repeat-broadcast',
  'stranger',
  'publish',
  'burst',
  'handoff',
  'stall-sse',
  'stall-hub',
  'block-websockets',
  'expire-tokens',
  'malformed',
  'huge-reply',
  'captive-portal',
  'agent',
  'agents',
  'rate-limiter',
  'strict-sse',
  'hang',
  'short-lives',
  'token',
  'alert',
  'incidents-mode',
  'incidents-dialect',
  'incidents-create',
  'incidents-update',
  'incidents-delete',
  'incidents-clear',
  'incidents-seed',
  'incidents-generate',
  'incidents-drop-events',
  'incidents-duplicate-events',
  'incidents-reorder-events',
  'incidents-heartbeats',
  'incidents-auth',
  'incidents-close',
  'incidents-flap',
  'incidents-mute',
  'incidents-refuse-sockets',
  'incidents-raw-frame',
  'incidents-latency',
  'incidents-errors',
  'incidents-fail',
  'incidents-strict-headers',
  'incidents-cors',
  'incidents-clock',
];

describe('/__control', () => {
  it('lists every fault with its parameters and what it does', async (t) => {
    const server = await serve(t);
    const { available } = server.report();
    assert.deepEqual(available.map(({ fault }) => fault).sort(), [...NAMES].sort());
    assert.ok(available.every(({ what }) => what.length > 5));
  });

  it('reports what is set, and forgets it on reset', async (t) => {
    const server = await serve(t);
    const answer = await post(server, { fault: 'latency', ms: 1 });
    assert.deepEqual(
      [answer.status, await answer.json()],
      [200, { ok: true, fault: 'latency', faults: { latency: 1 } }],
    );
    await server.control({ fault: 'refuse', what: ['rest'], status: 403 });
    await server.control({ fault: 'store-then-500', count: 2 });
    await server.control({ fault: 'agents', on: false });
    assert.deepEqual(server.report().faults, {
      latency: 1,
      agents: false,
      'store-then-500': { left: 2 },
      refuse: [{ what: ['rest'], status: 403, left: 'until reset' }],
    });
    await server.control({ fault: 'reset' });
    assert.deepEqual(server.report().faults, {});
  });

  it('refuses unknown faults and wrong parameters with 400 and the list, and changes nothing', async (t) => {
    const server = await serve(t);
    const bodies: unknown[] = [
      'no json',
      [],
      {},
      { fault: 'toString' },
      { fault: 'unheard-of' },
      { fault: 'latency' },
      { fault: 'latency', ms: 'slow' },
      { fault: 'latency', ms: -1 },
      { fault: 'latency', ms: 5, seconds: 1 },
      { fault: 'refuse', what: ['everything'] },
      { fault: 'refuse', what: [] },
      { fault: 'refuse', what: 'rest', status: 200 },
      { fault: 'store-then-500', count: 0 },
      { fault: 'publish', workflow: ECHO },
      { fault: 'publish', workflow: 'globex:A:B', participantId: JANE },
      { fault: 'publish', workflow: ECHO, participantId: JANE, type: 'chat' },
      { fault: 'agent', workflow: ECHO, replies: [{ txt: 'x' }] },
      { fault: 'close-hub', allowReconnect: 'yes' },
      { fault: 'hang', what: [] },
      { fault: 'fail', what: 'rest', asDate: true },
      { fault: 'rate-limit', retryAfter: 'soon', asDate: true },
      { fault: 'short-lives', ms: true },
      { fault: 'token', kind: 'purple' },
      { fault: 'alert', workflow: ECHO },
    ];
    for (const body of bodies) {
      const response = await post(server, body);
      assert.equal(response.status, 400, JSON.stringify(body));
      const { error, available } = (await response.json()) as { error: string; available: unknown[] };
      assert.ok(error.length > 0 && available.length === NAMES.length, JSON.stringify(body));
    }
    assert.deepEqual(server.report().faults, {});
    assert.deepEqual(server.report().stored, []);
    await assert.rejects(server.control({ fault: 'unheard-of' }), /no fault "unheard-of"/);
  });

  it('reports all that is stored, oldest first, and who asked for it', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await call(server, 'converse', chat('Hi', ECHO, 'r1'), { headers: { Origin: 'http://localhost:3000' } });
    await jane.connection.invoke(
      'SendInboundMessage',
      { workflow: SILENT, participantId: 'Jane', requestId: 'r2', text: 'secret text' },
      'Chat',
    );
    const report = server.report();
    assert.deepEqual(
      report.stored.map(({ direction, requestId }) => `${direction} ${requestId}`),
      ['Incoming r1', 'Outgoing r1', 'Incoming r2'],
    );
    const [connect, converse, invoke] = report.received.map(({ at, ...entry }) => ({
      ...entry,
      at: Number.isFinite(Date.parse(at)),
    }));
    assert.deepEqual(connect, {
      at: true,
      transport: 'hub',
      method: 'CONNECT',
      path: '/ws/chat',
      credential: 'query-key',
      status: 101,
    });
    assert.deepEqual(converse, {
      at: true,
      transport: 'rest',
      method: 'POST',
      path: '/api/user/rest/converse',
      credential: 'query-key',
      participantId: JANE,
      workflow: ECHO,
      requestId: 'r1',
      pageOrigin: 'http://localhost:3000',
      status: 200,
    });
    assert.deepEqual(invoke, {
      at: true,
      transport: 'hub',
      method: 'INVOKE',
      target: 'SendInboundMessage',
      path: '/ws/chat',
      credential: 'query-key',
      participantId: 'Jane',
      workflow: `acme:${SILENT}`,
      requestId: 'r2',
      status: 'completed',
    });
    assert.ok(!JSON.stringify(report.received).includes('secret text'));
    assert.deepEqual(report.connections, { hub: 1, sse: 0 });
    assert.equal(report.counts['SendInboundMessage'], 1);
    assert.equal(report.counts['POST /api/user/rest/converse'], 1);
  });

  it('empties the store on request only', async (t) => {
    const server = await serve(t);
    await call(server, 'send', chat('x', SILENT));
    await server.control({ fault: 'reset' });
    assert.equal(server.report().stored.length, 1);
    assert.deepEqual(server.report().received, []);
    await server.control({ fault: 'reset', messages: true });
    assert.deepEqual(await history(server, SILENT), []);
  });

  it('is open to pages on this machine, with a preflight, and to no others', async (t) => {
    const server = await serve(t);
    const local = { Origin: 'http://localhost:5173' };
    const preflight = await fetch(`${server.url}/__control`, {
      method: 'OPTIONS',
      headers: { ...local, 'Access-Control-Request-Method': 'POST' },
    });
    assert.deepEqual(
      [preflight.status, preflight.headers.get('access-control-allow-origin')],
      [204, local.Origin],
    );
    assert.equal((await post(server, { fault: 'reset' }, local)).status, 200);
    assert.equal((await post(server, { fault: 'down' }, { Origin: 'https://evil.example' })).status, 403);
    assert.deepEqual(server.report().faults, {});
    assert.equal((await fetch(`${server.url}/__control`, { method: 'DELETE' })).status, 405);
  });

  it('does not exist on a server that others can reach', async (t) => {
    const server = await startServer({ host: '0.0.0.0' });
    t.after(() => server.close());
    const response = await fetch(`http://127.0.0.1:${server.port}/__control`);
    assert.equal(response.status, 404);
  });
});

describe('Servers', () => {
  it('share nothing', async (t) => {
    const [one, two] = [await serve(t), await serve(t)];
    await one.control({ fault: 'down' });
    await call(two, 'send', chat('x', SILENT));
    assert.deepEqual([one.report().stored.length, two.report().stored.length], [0, 1]);
    assert.deepEqual(two.report().faults, {});
  });

  it('close with connections of every kind open, and free their port', async (t) => {
    const server = await startServer({ rateLimit: false });
    const jane = await connected(t, server);
    let ended = false;
    jane.connection.onclose(() => (ended = true));
    const waiting = assert.rejects(call(server, 'converse', chat('x', SILENT)));
    await server.close();
    await waiting;
    const next = await startServer({ port: server.port });
    t.after(() => next.close());
    assert.equal(next.port, server.port);
    assert.equal(typeof ended, 'boolean');
  });

  it('say which port is taken', async (t) => {
    const server = await serve(t);
    await assert.rejects(startServer({ port: server.port }), { code: 'EADDRINUSE' });
  });
});
