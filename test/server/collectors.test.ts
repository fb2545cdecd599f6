import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serve } from './fixture.ts';

const ORIGIN = 'http://localhost:5173';
const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } });

describe('The collectors', () => {
  it('keep what is posted, headers too, until reset', async (t) => {
    const server = await serve(t);
    const metrics = await post(`${server.url}/demo/metrics`, '{"at":1}', { Origin: ORIGIN });
    assert.equal(metrics.status, 204);
    assert.equal(metrics.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(metrics.headers.get('access-control-allow-credentials'), 'true');
    await post(`${server.url}/demo/errors`, 'not json', { 'Content-Type': 'text/plain', Cookie: 'a=b' });
    const { collected, received } = server.report();
    assert.deepEqual(
      collected.metrics.map(({ body }) => body),
      [{ at: 1 }],
    );
    assert.equal(collected.errors[0]?.body, 'not json');
    assert.equal(collected.errors[0]?.headers.cookie, 'a=b');
    assert.deepEqual(
      received.map(({ transport, status }) => [transport, status]),
      [
        ['metrics', 204],
        ['errors', 204],
      ],
    );
    await server.control({ fault: 'reset' });
    assert.deepEqual(server.report().collected, { metrics: [], errors: [] });
  });

  it('let pages of this machine ask first, take nothing but posts, and are bounded', async (t) => {
    const server = await serve(t);
    const url = `${server.url}/demo/errors`;
    const headers = { Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' };
    const preflight = await fetch(url, { method: 'OPTIONS', headers });
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'POST');
    assert.equal((await fetch(url)).status, 405);
    assert.equal((await post(url, 'x'.repeat(300_000))).status, 413);
    for (let index = 0; index < 210; index += 1) await post(url, String(index));
    const { errors } = server.report().collected;
    assert.deepEqual([errors.length, errors[0]?.body, errors.at(-1)?.body], [200, 10, 209]);
  });

  it('can be made to fail, apart from each other, and keep nothing then', async (t) => {
    const server = await serve(t);
    await server.control({ fault: 'fail', what: 'metrics', status: 503, retryAfter: 7, count: 1 });
    const failed = await post(`${server.url}/demo/metrics`, '{}');
    assert.deepEqual([failed.status, failed.headers.get('retry-after')], [503, '7']);
    assert.equal((await post(`${server.url}/demo/errors`, '{}')).status, 204);
    assert.equal((await post(`${server.url}/demo/metrics`, '{}')).status, 204);
    const { collected } = server.report();
    assert.deepEqual([collected.metrics.length, collected.errors.length], [1, 1]);
  });
});
