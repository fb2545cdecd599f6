import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { defaultEnvironment } from '../../src/client/environment.ts';
import { subjectOf, TokenManager } from '../../src/client/token-manager.ts';

const jwt = (claims: object) =>
  `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(claims)).replace(/=+$/, '')}.`.replace(/=/g, '');

describe('TokenManager', () => {
  let endpoint: Server;
  let tokenUrl: string;
  let answers: { status?: number; body: string }[];
  let asked: number;
  let clockMs: number;
  const manager = () =>
    new TokenManager(
      { tokenUrl },
      defaultEnvironment({ monotonicNow: () => clockMs, setTimer: () => () => undefined }),
    );

  beforeEach(async () => {
    asked = 0;
    clockMs = 0;
    answers = [];
    endpoint = createServer((_, response) => {
      const { status = 200, body } = answers[Math.min(asked++, answers.length - 1)]!;
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    tokenUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`;
  });
  afterEach(() => new Promise((resolve) => endpoint.close(resolve)));

  it('asks once for callers that come together', async () => {
    answers = [{ body: '{"token":"t1","expiresIn":300}' }];
    const tokens = manager();
    const got = await Promise.all(Array.from({ length: 100 }, () => tokens.get()));
    assert.deepEqual(new Set(got), new Set(['t1']));
    assert.equal(asked, 1);
  });

  it('K3: renews before the end, and keeps a short-lived token for a while', async () => {
    answers = [{ body: '{"token":"t1","expiresIn":60}' }, { body: '{"token":"t2","expiresIn":600}' }];
    const tokens = manager();
    assert.equal(await tokens.get(), 't1');
    clockMs = 29_000;
    assert.equal(await tokens.get(), 't1');
    clockMs = 31_000;
    assert.equal(await tokens.get(), 't2');
    clockMs += 479_000;
    assert.equal(await tokens.get(), 't2');
    assert.equal(asked, 2);
  });

  it('K6: reads both common shapes and refuses anything else', async () => {
    answers = [
      { body: '{"access_token":"oauth","expires_in":"3600","token_type":"Bearer"}' },
      { body: '{"jwt":"x"}' },
      { body: '<html>' },
      { body: '{"token":""}' },
    ];
    assert.equal(await manager().get(), 'oauth');
    for (let i = 0; i < 3; i++) await assert.rejects(manager().get(), { code: 'protocol' });
  });

  it('K9: drops a refused token only while it is the current one', async () => {
    answers = [{ body: '{"token":"t1"}' }, { body: '{"token":"t2"}' }];
    const tokens = manager();
    await tokens.get();
    tokens.invalidate('t1');
    assert.equal(await tokens.get(), 't2');
    tokens.invalidate('t1');
    assert.equal(await tokens.get(), 't2');
    assert.equal(asked, 2);
  });

  it('K7: does not keep a token that arrives after sign-out', async () => {
    answers = [{ body: '{"token":"late"}' }];
    const tokens = manager();
    const pending = tokens.get();
    tokens.clear();
    await assert.rejects(pending, { code: 'closed' });
    assert.equal(tokens.status().held, false);
  });

  it('tells a refusal from a failure, and keeps a living token when renewing fails', async () => {
    answers = [
      { body: '{"token":"t1","expiresIn":100}' },
      { status: 503, body: '{}' },
      { status: 401, body: 'secret' },
    ];
    const tokens = manager();
    await tokens.get();
    clockMs = 90_000;
    assert.equal(await tokens.get(), 't1');
    clockMs = 101_000;
    await assert.rejects(tokens.get(), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, 'unauthorized');
      assert.ok(!error.message.includes('secret'));
      return true;
    });
  });

  it('reads the subject of a token, also in other scripts', () => {
    assert.equal(subjectOf(jwt({ sub: 'jane' })), 'jane');
    assert.equal(subjectOf('not a token'), undefined);
    assert.equal(subjectOf('a.%%%.c'), undefined);
  });
});
