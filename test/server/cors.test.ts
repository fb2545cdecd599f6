import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { call, chat, KEY, query, serve, SILENT, stream, SUPPORT } from './fixture.ts';

const PAGE = 'http://localhost:5173';
const STRANGER = 'https://shop.example.com';
const cors = (response: Response) => ({
  origin: response.headers.get('access-control-allow-origin'),
  credentials: response.headers.get('access-control-allow-credentials'),
  vary: response.headers.get('vary'),
});
const LISTED = { origin: PAGE, credentials: 'true', vary: 'Origin' };
const UNLISTED = { origin: null, credentials: null, vary: null };

describe('CORS', () => {
  it('lets any loopback origin in by its name, never by *, also on errors', async (t) => {
    const server = await serve(t);
    const headers = { Origin: PAGE };
    assert.deepEqual(cors(await call(server, 'send', chat('x', SILENT), { headers })), LISTED);
    assert.deepEqual(cors(await call(server, 'send', {}, { headers })), LISTED);
    assert.deepEqual(cors(await call(server, 'send', {}, { headers, credential: {} })), LISTED);
    assert.deepEqual(cors(await fetch(`${server.url}/api/nothing`, { headers })), LISTED);
    for (const origin of ['http://127.0.0.1:1', 'http://[::1]:2', 'https://demo.localhost']) {
      const response = await fetch(`${server.url}/health`, { headers: { Origin: origin } });
      assert.equal(cors(response).origin, origin);
    }
  });

  it('says nothing to other origins, although the request is carried out', async (t) => {
    const server = await serve(t);
    for (const origin of [STRANGER, 'http://localhost.evil.example', 'null']) {
      const response = await call(server, 'send', chat('x', SILENT), { headers: { Origin: origin } });
      assert.deepEqual([response.status, cors(response)], [200, UNLISTED]);
    }
  });

  it('answers preflights without authentication: method as asked, seven headers, none exposed', async (t) => {
    const server = await serve(t);
    for (const path of ['/api/user/rest/thread', '/ws/chat/negotiate', '/api/user/sse/events']) {
      const response = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: {
          Origin: PAGE,
          'Access-Control-Request-Method': 'DELETE',
          'Access-Control-Request-Headers': 'authorization,idempotency-key',
        },
      });
      assert.equal(response.status, 204);
      assert.deepEqual(cors(response), LISTED);
      assert.equal(response.headers.get('access-control-allow-methods'), 'DELETE');
      assert.equal(
        response.headers.get('access-control-allow-headers'),
        'Authorization,Content-Type,Accept,X-Tenant-Id,X-API-Key,X-Requested-With,X-SignalR-User-Agent',
      );
      assert.equal(response.headers.get('access-control-expose-headers'), null);
      assert.equal(response.headers.get('access-control-max-age'), null);
    }
    assert.deepEqual(server.report().received, []);
  });

  it('opens streams to every origin: its own name when listed, * otherwise', async (t) => {
    const server = await serve(t);
    const listed = await stream(t, server, {}, { Origin: PAGE });
    assert.deepEqual(cors(listed.response), LISTED);
    const unlisted = await stream(t, server, {}, { Origin: STRANGER });
    assert.deepEqual(cors(unlisted.response), { ...UNLISTED, origin: '*' });
  });

  it('can be narrowed to chosen origins', async (t) => {
    const server = await serve(t, { allowOrigin: (origin) => origin === STRANGER });
    const url = `${server.url}/api/user/rest/history?${query({ apikey: KEY, workflow: SUPPORT, participantId: 'jane' })}`;
    assert.equal(cors(await fetch(url, { headers: { Origin: STRANGER } })).origin, STRANGER);
    assert.equal(cors(await fetch(url, { headers: { Origin: PAGE } })).origin, null);
  });

  it('comes with security headers on every API answer', async (t) => {
    const server = await serve(t);
    const { headers } = await fetch(`${server.url}/api/nothing`);
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  });
});
