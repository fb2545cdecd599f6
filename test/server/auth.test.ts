import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mintToken, type DevServer } from '../../demo/server/server.ts';
import {
  call,
  chat,
  client,
  connected,
  ECHO,
  history,
  JANE,
  KEY,
  query,
  serve,
  SILENT,
  stream,
  SUPPORT,
  type CallOptions,
} from './fixture.ts';

const UNAUTHORIZED = {
  error: 'Unauthorized',
  message: 'Authentication is required to access this resource',
};
const bearer = (credential: string) => ({ Authorization: `Bearer ${credential}` });

async function status(
  server: DevServer,
  parameters: Record<string, string>,
  options: CallOptions,
): Promise<number> {
  const all = { workflow: SUPPORT, participantId: JANE, ...parameters };
  const response = await call(server, 'history', all, { credential: {}, ...options });
  if (response.status === 401) assert.deepEqual(await response.json(), UNAUTHORIZED);
  return response.status;
}

const negotiate = (
  server: DevServer,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
) =>
  fetch(`${server.url}/ws/chat/negotiate?${query({ negotiateVersion: 1, ...parameters })}`, {
    method: 'POST',
    headers,
  });

describe('Credentials over REST', () => {
  it('are a key in the header, in apikey or in access_token; the tenant follows from it', async (t) => {
    const server = await serve(t);
    assert.equal(await status(server, {}, { headers: bearer(KEY) }), 200);
    assert.equal(await status(server, { apikey: KEY }, {}), 200);
    assert.equal(await status(server, { access_token: KEY }, {}), 200);
    assert.equal(await status(server, { apikey: KEY, tenantId: 'acme' }, {}), 200);
  });

  it('are refused when absent, unknown, malformed or of another tenant', async (t) => {
    const server = await serve(t);
    assert.equal(await status(server, {}, {}), 401);
    assert.equal(await status(server, { apikey: 'sk-Xnai-other' }, {}), 401);
    assert.equal(await status(server, { apikey: 'sk-dev' }, {}), 401);
    assert.equal(await status(server, { apikey: 'nonsense' }, {}), 401);
    assert.equal(await status(server, { apikey: KEY, tenantId: 'globex' }, {}), 401);
    assert.equal(await status(server, { apikey: KEY, tenantId: 'ACME' }, {}), 401);
  });

  it('come from the header first, then apikey, then access_token, and the first one decides', async (t) => {
    const server = await serve(t);
    assert.equal(await status(server, { apikey: KEY }, { headers: bearer('sk-Xnai-bad') }), 401);
    assert.equal(await status(server, { apikey: 'sk-Xnai-bad' }, { headers: bearer(KEY) }), 200);
    assert.equal(await status(server, { apikey: 'sk-Xnai-bad', access_token: KEY }, {}), 401);
  });

  it('may be a JWT, which needs the tenant', async (t) => {
    const server = await serve(t);
    const headers = bearer(mintToken(JANE));
    assert.equal(await status(server, { tenantId: 'acme' }, { headers }), 200);
    assert.equal(await status(server, {}, { headers }), 401);
    assert.equal(await status(server, { tenantId: 'unknown' }, { headers }), 401);
    assert.equal(await status(server, { tenantId: 'acme', access_token: mintToken(JANE) }, {}), 200);
  });

  it('of a JWT are not compared with the participant', async (t) => {
    const server = await serve(t);
    const parameters = { tenantId: 'acme', participantId: 'somebody.else@example.com' };
    assert.equal(await status(server, parameters, { headers: bearer(mintToken(JANE)) }), 200);
  });

  it('are refused when a JWT has expired or is no JWT', async (t) => {
    const server = await serve(t);
    for (const token of [mintToken(JANE, { ttlSeconds: -1 }), 'a.b.c', 'eyJh.eyJz', `${mintToken(JANE)}.x`]) {
      assert.equal(await status(server, { tenantId: 'acme' }, { headers: bearer(token) }), 401, token);
    }
  });

  it('are verified as HS256 when the server has a secret', async (t) => {
    const server = await serve(t, { jwtSecret: 'a secret' });
    const good = mintToken(JANE, { secret: 'a secret' });
    assert.equal(await status(server, { tenantId: 'acme' }, { headers: bearer(good) }), 200);
    for (const token of [mintToken(JANE), mintToken(JANE, { secret: 'another' })]) {
      assert.equal(await status(server, { tenantId: 'acme' }, { headers: bearer(token) }), 401);
    }
  });

  it('keep tenants apart', async (t) => {
    const server = await serve(t);
    await call(server, 'converse', chat('Hi', ECHO), { credential: { apikey: 'sk-Xnai-dev-globex' } });
    assert.deepEqual(await history(server, ECHO), []);
    assert.ok(server.report().stored.every(({ tenantId }) => tenantId === 'globex'));
  });
});

describe('Credentials in the origin of a message', () => {
  const cases: [string, CallOptions, boolean][] = [
    ['a key in the header', { credential: {}, headers: bearer(KEY) }, true],
    ['a key in the query', {}, false],
    ['a JWT in the header', { credential: { tenantId: 'acme' }, headers: bearer(mintToken(JANE)) }, true],
    ['a JWT in the query', { credential: { tenantId: 'acme', access_token: mintToken(JANE) } }, true],
  ];
  for (const [name, options, leaks] of cases) {
    it(`${leaks ? 'appear' : 'do not appear'} after REST with ${name}`, async (t) => {
      const server = await serve(t);
      await call(server, 'converse', chat('Hi', ECHO), options);
      const messages = await history(server, ECHO);
      assert.equal(messages.length, 2);
      for (const { origin } of messages) assert.equal(typeof origin === 'string', leaks);
      assert.ok(server.report().stored.every(({ originHoldsCredential }) => originHoldsCredential === leaks));
    });
  }

  it('never appear in the report, nor does any other secret', async (t) => {
    const server = await serve(t);
    const token = mintToken(JANE);
    await call(server, 'converse', chat('Hi', ECHO), {
      credential: { tenantId: 'acme' },
      headers: bearer(token),
    });
    await call(server, 'converse', chat('Hi', ECHO), { credential: {}, headers: bearer(KEY) });
    await negotiate(server, { apikey: KEY });
    await stream(t, server, { apikey: undefined, tenantId: 'acme', access_token: token });
    const report = await (await fetch(`${server.url}/__control`)).text();
    assert.ok(!report.includes(KEY) && !report.includes(token) && !report.includes('"origin"'));
    assert.deepEqual(
      server.report().received.map(({ transport, credential }) => `${transport} ${credential}`),
      ['rest header-jwt', 'rest header-key', 'hub query-key', 'sse query-token'],
    );
  });

  it('do not appear after the hub, where an authorization is forwarded but not stored', async (t) => {
    const server = await serve(t);
    const { connection } = await connected(t, server, {
      parameters: { tenantId: 'acme' },
      token: mintToken(JANE),
    });
    const request = { workflow: SILENT, participantId: JANE, text: 'x', authorization: 'a user token' };
    await connection.invoke('SendInboundMessage', request, 'Chat');
    assert.equal((await history(server, SILENT))[0]?.['origin'], null);
    assert.ok(!JSON.stringify(server.report()).includes('a user token'));
  });
});

describe('Credentials on the hub', () => {
  it('come from apikey first, then access_token, then the header', async (t) => {
    const server = await serve(t);
    assert.equal((await negotiate(server, { apikey: KEY }, bearer('sk-Xnai-bad'))).status, 200);
    assert.equal(
      (await negotiate(server, { apikey: 'sk-Xnai-bad', access_token: KEY }, bearer(KEY))).status,
      401,
    );
    assert.equal((await negotiate(server, { access_token: 'sk-Xnai-bad' }, bearer(KEY))).status, 401);
    assert.equal((await negotiate(server, {}, bearer(KEY))).status, 200);
  });

  it('fail negotiation and upgrade with 401', async (t) => {
    const server = await serve(t);
    for (const skipNegotiation of [true, false]) {
      const { connection } = client(server, {
        skipNegotiation,
        parameters: { tenantId: 'acme', apikey: 'sk-Xnai-bad' },
      });
      await assert.rejects(
        connection.start(),
        skipNegotiation ? /WebSocket failed to connect/ : /Status code '401'/,
      );
    }
    const refused = server.report().received.map(({ method, status: code }) => `${method} ${code}`);
    assert.deepEqual(refused, ['CONNECT 401', 'POST 401']);
  });

  it('as a JWT must name the participant, in any case', async (t) => {
    const server = await serve(t);
    const parameters = { tenantId: 'acme' };
    const jane = await connected(t, server, { parameters, token: mintToken('Jane@Example.com') });
    await jane.connection.invoke('SubscribeToAgent', ECHO, JANE, 'acme');
    await jane.connection.invoke(
      'SendInboundMessage',
      { workflow: ECHO, participantId: JANE, text: 'x' },
      'Chat',
    );
    await jane.have('ReceiveChat');
    assert.deepEqual(jane.of('Error'), []);
    const mismatch = 'Invalid participantId. Mismatch between participantId and logged in user';
    await jane.connection.invoke('SubscribeToAgent', ECHO, 'bob', 'acme');
    await jane.connection.invoke(
      'SendInboundMessage',
      { workflow: ECHO, participantId: 'bob', text: 'x' },
      'Chat',
    );
    await jane.connection.invoke('GetThreadHistory', ECHO, 'bob', 1, 50);
    await jane.connection.invoke('DeleteThread', ECHO, 'bob');
    assert.deepEqual(jane.of('Error'), [mismatch, mismatch, mismatch, mismatch]);
  });

  it('as a JWT whose subject has a bar itself never match', async (t) => {
    const server = await serve(t);
    const { connection, of } = await connected(t, server, {
      parameters: { tenantId: 'acme' },
      token: mintToken('auth0|123'),
    });
    await connection.invoke('SubscribeToAgent', ECHO, 'auth0|123', 'acme');
    assert.equal(of('Error').length, 1);
  });

  it('are checked when connecting only: an open connection outlives its token', async (t) => {
    const server = await serve(t);
    const options = { parameters: { tenantId: 'acme' }, token: mintToken(JANE) };
    const open = await connected(t, server, options);
    await server.control({ fault: 'expire-tokens' });
    await open.connection.invoke('SubscribeToAgent', ECHO, JANE, 'acme');
    assert.deepEqual(open.of('Error'), []);
    await assert.rejects(client(server, options).connection.start());
    await connected(t, server, { ...options, token: mintToken(JANE) });
  });
});

describe('GET /demo/token', () => {
  it('answers a JWT for the participant, which the server accepts until it is expired', async (t) => {
    const server = await serve(t);
    const response = await fetch(`${server.url}/demo/token?participant=${encodeURIComponent(JANE)}&ttl=60`);
    const { token, expiresIn } = (await response.json()) as { token: string; expiresIn: number };
    assert.equal(expiresIn, 60);
    const headers = bearer(token);
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      sub: string;
    };
    assert.equal(claims.sub, JANE);
    assert.equal(await status(server, { tenantId: 'acme' }, { headers }), 200);
    await server.control({ fault: 'expire-tokens' });
    assert.equal(await status(server, { tenantId: 'acme' }, { headers }), 401);
  });

  it('makes tokens that expire-tokens reaches before their first use', async (t) => {
    const server = await serve(t);
    const mint = async () =>
      ((await (await fetch(`${server.url}/demo/token`, { method: 'POST' })).json()) as { token: string })
        .token;
    const unused = await mint();
    await server.control({ fault: 'expire-tokens' });
    assert.equal(await status(server, { tenantId: 'acme' }, { headers: bearer(unused) }), 401);
    assert.equal(await status(server, { tenantId: 'acme' }, { headers: bearer(await mint()) }), 200);
  });

  it('can be refused, goes on while the Xians server is down, and signs when there is a secret', async (t) => {
    const server = await serve(t, { jwtSecret: 'a secret' });
    await server.control({ fault: 'down' });
    const response = await fetch(`${server.url}/demo/token?participant=jane`);
    await server.control({ fault: 'up' });
    const { token } = (await response.json()) as { token: string };
    assert.equal(await status(server, { tenantId: 'acme' }, { headers: bearer(token) }), 200);
    await server.control({ fault: 'refuse', what: ['token'], status: 403, count: 1 });
    assert.equal((await fetch(`${server.url}/demo/token`)).status, 403);
    assert.equal((await fetch(`${server.url}/demo/token`)).status, 200);
  });
});
