import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { DevServer } from '../../demo/server/server.ts';
import { call, chat, KEY, query, serve, SILENT, stream, SUPPORT } from './fixture.ts';

/** The answer to a request for which fetch is too polite: raw headers, raw target. */
function raw(
  server: DevServer,
  target: string,
  headers: Record<string, string> = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port: server.port, path: target, headers, agent: false },
      (response) => {
        response.resume();
        resolve(response);
      },
    );
    sent.on('error', reject).end();
  });
}

describe('Request line', () => {
  const start = `/api/user/rest/history?${query({ apikey: KEY, workflow: SUPPORT, participantId: 'jane' })}&x=`;
  const overhead = Buffer.byteLength(`GET ${start} HTTP/1.1\r\n`);

  it('may have 8,192 bytes with its line end, and not one more', async (t) => {
    const server = await serve(t);
    const fits = await raw(server, start + 'a'.repeat(8_192 - overhead));
    assert.equal(fits.statusCode, 200);
    const tooLong = await raw(server, start + 'a'.repeat(8_193 - overhead));
    assert.equal(tooLong.statusCode, 414);
    assert.equal(tooLong.headers.connection, 'close');
  });

  it('gets 414 when a message of 40 KB is in it, and nothing is stored', async (t) => {
    const server = await serve(t);
    assert.equal((await call(server, 'send', chat('a'.repeat(40_000), SILENT))).status, 414);
    assert.equal((await call(server, 'send', chat('漢'.repeat(950), SILENT))).status, 414);
    assert.deepEqual(server.report().stored, []);
  });

  it('gets 414 even when Node itself cannot hold it', async (t) => {
    const server = await serve(t);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(`GET /api/user/rest/history?x=${'a'.repeat(5 * 1_024 * 1_024)}`);
      });
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });
    assert.match(answer, /^HTTP\/1\.1 414 /);
  });
});

describe('Headers', () => {
  it('get 431 over 32,768 bytes or 100 fields', async (t) => {
    const server = await serve(t);
    const target = `/api/user/rest/history?${query({ apikey: KEY, workflow: SUPPORT, participantId: 'jane' })}`;
    assert.equal((await raw(server, target, { 'X-Fits': 'a'.repeat(30_000) })).statusCode, 200);
    assert.equal((await raw(server, target, { 'X-Large': 'a'.repeat(33_000) })).statusCode, 431);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`X-${index}`, 'a']));
    assert.equal((await raw(server, target, many)).statusCode, 431);
  });
});

describe('Body', () => {
  it('gets 413 over 30 MiB; a large one below that is stored', async (t) => {
    const server = await serve(t);
    const json = (bytes: number) => JSON.stringify({ a: 'x'.repeat(bytes - 8) });
    const headers = { 'Content-Type': 'application/json' };
    const fits = await call(server, 'send', chat('x', SILENT), { body: json(31_457_280), headers });
    assert.equal(fits.status, 200);
    const tooLarge = await call(server, 'send', chat('x', SILENT), { body: json(31_457_281), headers });
    assert.deepEqual([tooLarge.status, await tooLarge.text()], [413, '']);
    assert.equal(server.report().stored.length, 1);
  });
});

describe('Rate limit', () => {
  const get = (server: DevServer, headers: Record<string, string> = {}, apikey = KEY) =>
    call(
      server,
      'history',
      { workflow: SUPPORT, participantId: 'jane' },
      { headers, credential: { apikey } },
    );

  it('is on by default: 100 requests a minute and address, then 429', async (t) => {
    const server = await serve(t, { rateLimit: undefined });
    for (let count = 0; count < 100; count += 1) assert.equal((await get(server)).status, 200);
    const response = await get(server);
    assert.equal(response.status, 429);
    const body = (await response.json()) as Record<string, string>;
    assert.deepEqual(
      { ...body, retryAfter: typeof body['retryAfter'] },
      {
        error: 'Rate limit exceeded',
        message: 'Too many requests. Please try again later.',
        retryAfter: 'string',
      },
    );
    assert.equal(response.headers.get('retry-after'), body['retryAfter']);
    const seconds = Number(body['retryAfter']);
    assert.ok(seconds > 40 && seconds < 60, body['retryAfter']);
  });

  it('runs before authentication, counts streams once and preflights never', async (t) => {
    const server = await serve(t, { rateLimit: { permits: 3, windowMs: 60_000 } });
    for (let count = 0; count < 5; count += 1) {
      await fetch(`${server.url}/api/user/rest/history`, { method: 'OPTIONS' });
    }
    await stream(t, server);
    assert.equal((await get(server, {}, 'wrong')).status, 401);
    assert.equal((await get(server, {}, 'wrong')).status, 401);
    assert.equal((await get(server, {}, 'wrong')).status, 429);
  });

  it('counts per X-API-Key header, else per first forwarded address', async (t) => {
    const server = await serve(t, { rateLimit: { permits: 1, windowMs: 60_000 } });
    const callers: Record<string, string>[] = [
      { 'X-API-Key': 'a' },
      { 'X-API-Key': 'b' },
      { 'X-Forwarded-For': '10.0.0.1, 10.0.0.9' },
      {},
    ];
    for (const headers of callers) assert.equal((await get(server, headers)).status, 200);
    for (const headers of callers) assert.equal((await get(server, headers)).status, 429);
    assert.equal((await get(server, { 'X-Forwarded-For': '10.0.0.1' })).status, 429);
  });

  it('opens again when its window has passed, and leaves the hub and health alone', async (t) => {
    const server = await serve(t, { rateLimit: { permits: 1, windowMs: 800 } });
    assert.equal((await get(server)).status, 200);
    const limited = await get(server);
    assert.equal(((await limited.json()) as { retryAfter: string }).retryAfter, '0');
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
    const negotiate = `${server.url}/ws/chat/negotiate?${query({ apikey: KEY })}`;
    assert.equal((await fetch(negotiate, { method: 'POST' })).status, 200);
    const until = performance.now() + 5_000;
    let { status } = limited;
    while (status === 429 && performance.now() < until) ({ status } = await get(server));
    assert.equal(status, 200);
  });

  it('can be switched while running', async (t) => {
    const server = await serve(t, { rateLimit: { permits: 1, windowMs: 60_000 } });
    await get(server);
    assert.equal((await get(server)).status, 429);
    await server.control({ fault: 'rate-limiter', on: false });
    assert.equal((await get(server)).status, 200);
  });
});
