import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultEnvironment } from '../../src/client/environment.ts';
import { traceparent, tracingPolicy } from '../../src/client/trace.ts';
import { uuid } from '../../src/protocol/page.ts';
import { startServer } from '../support/node-server.ts';
import { clientOf, ECHO, testEnvironment } from './support.ts';

const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/;

describe('traceparent', () => {
  it('has the form of level 1 of the standard, and is another one each time', () => {
    const values = Array.from({ length: 1_000 }, () => traceparent(uuid));
    for (const value of values) assert.match(value, VALID);
    assert.equal(new Set(values.map((value) => value.slice(3, 35))).size, values.length);
    assert.equal(new Set(values.map((value) => value.slice(36, 52))).size, values.length);
  });
});

describe('tracingPolicy', () => {
  const environment = defaultEnvironment({
    location: { href: 'https://shop.example/cart?id=1', hostname: 'shop.example' },
  });
  const own = new URL('https://shop.example/api/user/rest/send');
  const elsewhere = [
    'https://xians.example/api/user/rest/send',
    'http://shop.example/api', // another scheme, another origin
    'https://shop.example:8443/api',
  ].map((url) => new URL(url));

  it('marks requests to the page’s own origin, unless told otherwise', () => {
    for (const options of [{}, { tracing: 'same-origin' as const }]) {
      const header = tracingPolicy(options, environment);
      assert.match(header(own) ?? '', VALID);
      assert.notEqual(header(own), header(own));
      for (const url of elsewhere) assert.equal(header(url), undefined, url.href);
    }
  });

  it('marks every request with "always" and none with "never", nor with a word that it does not know', () => {
    const policies = (tracing: string) => tracingPolicy({ tracing: tracing as 'never' }, environment);
    for (const url of [own, ...elsewhere]) {
      assert.match(policies('always')(url) ?? '', VALID);
      assert.equal(policies('never')(url), undefined);
      assert.equal(policies('sometimes')(url), undefined);
    }
  });

  it('marks nothing outside a page, where no origin is its own, but with "always"', () => {
    const node = defaultEnvironment();
    assert.equal(tracingPolicy({}, node)(own), undefined);
    assert.match(tracingPolicy({ tracing: 'always' }, node)(own) ?? '', VALID);
    // The origin of a local file is no origin.
    const file = defaultEnvironment({ location: { href: 'file:///tmp/a.html', hostname: '' } });
    assert.equal(tracingPolicy({}, file)(own), undefined);
  });
});

describe('the option `tracing` of a client', () => {
  for (const { tracing, from, marks } of [
    { tracing: undefined, from: 'own', marks: true },
    { tracing: undefined, from: 'other', marks: false },
    { tracing: 'always', from: 'other', marks: true },
    { tracing: 'never', from: 'own', marks: false },
  ] as const) {
    it(`"${tracing}" ${marks ? 'marks' : 'leaves alone'} requests from a page of the ${from} origin`, async () => {
      const server = await startServer({ agentDelayMs: 5 });
      const href = from === 'own' ? `${server.url}/page` : 'http://shop.localhost/page';
      const environment = Object.defineProperties(testEnvironment(), {
        location: { value: { href, hostname: new URL(href).hostname } },
      });
      const client = clientOf(server, { environment, tracing });
      try {
        await client.converse(ECHO, 'Hello');
        const { received } = await server.report();
        const headers = received.flatMap(({ transport, traceparent: header }) =>
          transport === 'rest' ? [header] : [],
        );
        assert.ok(headers.length > 0);
        for (const header of headers) {
          if (marks) assert.match(header ?? '', VALID);
          else assert.equal(header, undefined);
        }
      } finally {
        await client.dispose();
        await server.stop();
      }
    });
  }
});
