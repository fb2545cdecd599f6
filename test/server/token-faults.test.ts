import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DevServer } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';
import { call, chat, JANE, serve, SILENT } from './fixture.ts';

const ask = (server: DevServer, init: RequestInit = {}) =>
  fetch(`${server.url}/demo/token?participant=${JANE}`, init);
const claims = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
/** The status of a call with `token`. */
const tried = async (server: DevServer, token: string) =>
  (
    await call(
      server,
      'send',
      { ...chat('x', SILENT), tenantId: 'acme' },
      {
        credential: {},
        headers: { Authorization: `Bearer ${token}` },
      },
    )
  ).status;

async function spoilt(server: DevServer, kind: string, more: Record<string, unknown> = {}) {
  await server.control({ fault: 'token', kind, count: 1, ...more });
  const response = await ask(server);
  assert.equal(response.status, 200);
  return { type: response.headers.get('content-type') ?? '', text: await response.text() };
}

describe('The token endpoint', () => {
  it('answers what is no token, once for each count', async (t) => {
    const server = await serve(t);
    assert.match((await spoilt(server, 'html')).type, /^text\/html/);
    assert.match((await spoilt(server, 'not-json')).text, /^token=/);
    assert.equal((await spoilt(server, 'empty-body')).text, '');
    assert.ok((await spoilt(server, 'huge', { bytes: 70_000 })).text.length > 70_000);
    assert.deepEqual(Object.keys(JSON.parse((await spoilt(server, 'wrong-shape')).text) as object), [
      'ok',
      'data',
      'expiresIn',
    ]);
    assert.equal((JSON.parse((await spoilt(server, 'empty-token')).text) as { token: string }).token, '');
    assert.match((JSON.parse((await spoilt(server, 'unsendable')).text) as { token: string }).token, /\r\n/);
    const good = (await (await ask(server)).json()) as { token: string; expiresIn: number };
    assert.equal(good.expiresIn, 300);
    assert.equal(await tried(server, good.token), 200);
  });

  it('answers tokens in other shapes, which work', async (t) => {
    const server = await serve(t);
    const oauth = JSON.parse((await spoilt(server, 'oauth')).text) as Record<string, string>;
    assert.deepEqual([oauth['token_type'], oauth['expires_in']], ['Bearer', 300]);
    assert.equal(await tried(server, oauth['access_token'] ?? ''), 200);
    const bare = JSON.parse((await spoilt(server, 'bare')).text) as { token: string };
    assert.deepEqual(Object.keys(bare), ['token']);
    assert.equal(await tried(server, bare.token), 200);
    for (const expiresIn of [-300, 0, 'soon', 1e300, { a: 1 }]) {
      const { text } = await spoilt(server, 'expires-in', { expiresIn });
      assert.deepEqual((JSON.parse(text) as { expiresIn: unknown }).expiresIn, expiresIn);
    }
  });

  it("answers an expired token, which is refused, and somebody else's, which is theirs", async (t) => {
    const server = await serve(t);
    const expired = JSON.parse((await spoilt(server, 'expired')).text) as { token: string };
    assert.ok(Number(claims(expired.token)['exp']) < Date.now() / 1_000 - 3_000);
    assert.equal(await tried(server, expired.token), 401);
    const other = JSON.parse((await spoilt(server, 'stranger')).text) as { token: string };
    assert.equal(claims(other.token)['sub'], 'mallory@example.com');
    const third = JSON.parse((await spoilt(server, 'stranger', { participantId: 'bob' })).text) as {
      token: string;
    };
    assert.equal(claims(third.token)['sub'], 'bob');
  });

  it('hangs until the client leaves, or fails with a Retry-After in seconds, as a date, or nonsense', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'hang', what: 'token', count: 1 });
    const abort = new AbortController();
    const hanging = assert.rejects(ask(server, { signal: abort.signal }), { name: 'AbortError' });
    await waitFor(() => server.report().received.length === 1, 'the request');
    assert.equal(server.report().received[0]?.status, undefined);
    abort.abort();
    await hanging;
    await waitFor(() => server.report().received[0]?.status === 0, 'the end of it');
    const told = async (more: Record<string, unknown>) => {
      await server.control({ fault: 'fail', what: 'token', status: 503, count: 1, ...more });
      const response = await ask(server);
      assert.equal(response.status, 503);
      return response.headers.get('retry-after');
    };
    assert.equal(await told({}), null);
    assert.equal(await told({ retryAfter: 12 }), '12');
    assert.equal(await told({ retryAfter: -5 }), '-5');
    assert.equal(await told({ retryAfter: 'soon' }), 'soon');
    const date = Date.parse((await told({ retryAfter: 60, asDate: true })) ?? '');
    assert.ok(date > Date.now() + 50_000 && date < Date.now() + 65_000);
    assert.ok(Date.parse((await told({ retryAfter: -60, asDate: true })) ?? '') < Date.now());
  });
});
