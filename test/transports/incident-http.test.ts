import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isQuery } from '../../src/transports/incident-http.ts';
import { waitFor } from '../support/wait.ts';
import { access, fakeServer, incidentBench, json, type FakeRequest } from './incident-readers.ts';
import { ManualTime, mintToken, nodeEnvironment, rejection } from './support.ts';

const QUERY = { query: '{ health { status } }' };
const MUTATION = { query: 'mutation { addComment(incidentId: "a", comment: "x") { id } }' };
const HEALTHY = { data: { health: { status: 'healthy' } } };
const TOKEN = 'token-of-jane';

/** The test is a page of this origin. */
function pageAt(t: TestContext, origin: string): void {
  Object.defineProperty(globalThis, 'location', { value: { origin }, configurable: true });
  t.after(() => Reflect.deleteProperty(globalThis, 'location'));
}

/** `fetch` of a browser in front of a server whose CORS policy forbids some headers. */
function withCors(forbidden: readonly string[]) {
  const tried: Record<string, string>[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const headers = init?.headers as Record<string, string>;
    tried.push(headers);
    if (forbidden.some((name) => name in headers)) throw new TypeError('Failed to fetch');
    return globalThis.fetch(input, init);
  };
  return { tried, environment: nodeEnvironment({ fetch }) };
}

const sentWith = (requests: readonly FakeRequest[]) =>
  requests.map(({ headers }) => [
    headers.authorization !== undefined,
    headers['x-execution-id'] !== undefined,
  ]);

describe('a request to an incident manager', () => {
  it('carries the operation as one JSON object, the token in its header, and nothing else', async (t) => {
    const { url, requests } = await fakeServer(t, (_, response) => json(response, HEALTHY));
    const { request } = access(url, { token: TOKEN });
    const { data, errors } = await request({ ...QUERY, variables: { a: 1 }, operationName: 'x' });
    assert.deepEqual([data, errors], [HEALTHY.data, undefined]);
    const [sent] = requests;
    assert.deepEqual([sent?.method, sent?.url], ['POST', '/graphql']);
    assert.deepEqual(JSON.parse(sent?.body ?? ''), { ...QUERY, variables: { a: 1 }, operationName: 'x' });
    assert.equal(sent?.headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(sent?.headers['content-type'], 'application/json');
    assert.equal(sent?.headers.cookie, undefined);
  });

  it('has its time, answer and body included', async (t) => {
    for (const speed of ['no answer', 'no end'] as const) {
      const { url, requests } = await fakeServer(t, (_, response) => {
        if (speed === 'no end') response.writeHead(200, { 'content-type': 'application/json' }).write('{');
      });
      const time = new ManualTime();
      const environment = nodeEnvironment({ setTimer: time.setTimer, monotonicNow: time.monotonicNow });
      for (const [operation, stored] of [
        [QUERY, 'no'],
        [MUTATION, 'maybe'],
      ] as const) {
        const count = requests.length;
        const failed = rejection(access(url, { environment }).request(operation));
        await waitFor(() => requests.length > count, 'the request');
        time.advance(10_000);
        const error = await failed;
        assert.deepEqual([error.code, error.stored], ['timeout', stored], speed);
      }
      assert.deepEqual(time.pending, []);
    }
  });

  it('reads no more than 32 MB', async (t) => {
    const block = 'x'.repeat(1024 * 1024);
    let isClosed = false;
    let written = 0;
    const { url } = await fakeServer(t, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('close', () => (isClosed = true));
      const pump = () => {
        while (!isClosed && ++written && response.write(block));
        response.once('drain', pump);
      };
      pump();
    });
    const error = await rejection(access(url).request(QUERY));
    assert.equal(error.code, 'protocol');
    assert.match(error.message, /too large/);
    await waitFor(() => isClosed, 'the connection to be closed');
    // What was on its way comes on top.
    assert.ok(written >= 32 && written < 48, `${written} MB`);
  });

  it('survives an incident of 10 MB', async (t) => {
    const { create, graphql } = await incidentBench(t);
    await create({ title: 'a' }, { title: 'b', description: 'é'.repeat(5_000_000) }, { title: 'c' });
    const { incidents, malformed } = await (await graphql()).page({ page: 0, pageSize: 10 });
    assert.deepEqual(incidents.map(({ title, description }) => [title, description.length]).sort(), [
      ['a', 0],
      ['b', 50_000],
      ['c', 0],
    ]);
    assert.equal(malformed, 0);
  });

  it('takes no other answer for one', async (t) => {
    for (const [status, type, body, code] of [
      [200, 'text/html', '<form action=login>', 'protocol'],
      [200, 'application/json', '{"data"', 'protocol'],
      [200, 'application/json', '[]', 'protocol'],
      [200, 'application/json', '{}', 'protocol'],
      [204, 'application/json', '', 'protocol'],
      [302, 'text/html', '', 'protocol'],
      [404, 'text/plain', 'no', 'not-found'],
      [405, 'text/plain', 'no', 'not-found'],
      [415, 'text/plain', 'no', 'input'],
      [502, 'text/html', '<h1>', 'server'],
      [511, 'text/html', '<h1>', 'server'],
    ] as const) {
      const { url } = await fakeServer(t, (_, response) =>
        response.writeHead(status, { 'content-type': type, location: '/elsewhere' }).end(body),
      );
      assert.equal((await rejection(access(url).request(QUERY))).code, code, `${status} ${body}`);
    }
  });

  it('tells which token was refused, by status or in the answer', async (t) => {
    const { control, server } = await incidentBench(t);
    for (const http of [200, 401]) {
      await control('incidents-auth', { required: true, http });
      const { request, refused } = access(server.url, { token: TOKEN });
      const outcome = await request(QUERY).catch((error: unknown) => error);
      assert.ok(http === 200 || (outcome as { code: string }).code === 'unauthorized');
      assert.deepEqual(refused, [TOKEN]);
      const accepted = access(server.url, { token: mintToken('jane@example.com') });
      assert.equal((await accepted.request(QUERY)).errors, undefined);
      assert.deepEqual(accepted.refused, []);
    }
  });

  it('hears the time of the server where it is shown', async (t) => {
    const { url } = await fakeServer(t, (_, response) =>
      json(response, HEALTHY, 200, { date: 'Fri, 02 Jan 2026 03:04:05 GMT' }),
    );
    const heard: number[] = [];
    await access(url, { onServerClock: (ms) => heard.push(ms) }).request(QUERY);
    assert.deepEqual(heard, [Date.UTC(2026, 0, 2, 3, 4, 5)]);
  });

  it('ends with the one who wanted it, or with whoever made it', async (t) => {
    const { url, requests } = await fakeServer(t, () => undefined);
    const life = new AbortController();
    const { request } = access(url, { life: life.signal });
    const own = new AbortController();
    const [given, ended] = [rejection(request(QUERY, own.signal)), rejection(request(MUTATION))];
    await waitFor(() => requests.length === 2, 'both requests');
    own.abort();
    assert.deepEqual([(await given).code, (await given).stored], ['closed', 'no']);
    life.abort();
    assert.deepEqual([(await ended).code, (await ended).stored], ['closed', 'maybe']);
    const late = await rejection(request(MUTATION));
    assert.deepEqual([late.code, late.stored], ['closed', 'no']);
    assert.equal(requests.length, 2);
  });
});

describe('a request from a page of another origin', () => {
  it('goes without the credential where CORS does not cover it, after two answers for good', async (t) => {
    pageAt(t, 'https://shop.example');
    const { url, requests } = await fakeServer(t, (_, response) => json(response, HEALTHY));
    const { tried, environment } = withCors(['Authorization']);
    const { request } = access(url, { token: TOKEN, environment });
    for (let i = 0; i < 3; i++) assert.deepEqual((await request(QUERY)).data, HEALTHY.data);
    await request(MUTATION);
    assert.deepEqual(
      tried.map((headers) => 'Authorization' in headers),
      [true, false, true, false, false, false],
    );
    assert.equal(requests.length, 4);
  });

  it('goes without whichever headers the server does not know', async (t) => {
    pageAt(t, 'https://shop.example');
    const { url, requests } = await fakeServer(t, (_, response) => json(response, { incidents: [] }));
    const { environment } = withCors(['X-Execution-Id']);
    const { http } = access(url, { token: TOKEN, environment });
    const extraHeaders = { 'X-Execution-Id': 'x' };
    for (let i = 0; i < 3; i++)
      await http.send({ method: 'GET', url: `${url}/v1`, extraHeaders, isRead: true });
    assert.deepEqual(sentWith(requests), [
      [true, false],
      [true, false],
      [true, false],
    ]);
  });

  it('is never repeated where it changes something', async (t) => {
    pageAt(t, 'https://shop.example');
    const { url } = await fakeServer(t, (_, response) => json(response, HEALTHY));
    const { tried, environment } = withCors(['Authorization']);
    const error = await rejection(access(url, { token: TOKEN, environment }).request(MUTATION));
    assert.deepEqual([error.code, error.stored, tried.length], ['network', 'maybe', 1]);
  });

  it('keeps its credential through a network failure', async (t) => {
    pageAt(t, 'https://shop.example');
    const { url, requests } = await fakeServer(t, ({ headers }, response) =>
      headers.authorization ? json(response, HEALTHY) : json(response, {}, 401),
    );
    let failures = 1;
    const fetch = async (input: string | URL, init?: RequestInit) => {
      if (failures-- > 0) throw new TypeError('Failed to fetch');
      return globalThis.fetch(input, init);
    };
    const { request, refused } = access(url, { token: TOKEN, environment: nodeEnvironment({ fetch }) });
    // The server refuses whoever has no credential: that is no refusal of this one.
    assert.equal((await rejection(request(QUERY))).code, 'network');
    assert.deepEqual(refused, []);
    assert.deepEqual((await request(QUERY)).data, HEALTHY.data);
    assert.deepEqual(
      requests.map(({ headers }) => headers.authorization !== undefined),
      [false, true],
    );
  });

  it('is tried with all headers again when the server begins to ask for a credential', async (t) => {
    pageAt(t, 'https://shop.example');
    let wantsToken = false;
    const { url } = await fakeServer(t, ({ headers }, response) =>
      wantsToken && !headers.authorization
        ? json(response, { data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
        : json(response, HEALTHY),
    );
    const forbidden = ['Authorization'];
    const { tried, environment } = withCors(forbidden);
    const { request, refused } = access(url, { token: TOKEN, environment });
    await request(QUERY);
    await request(QUERY);
    wantsToken = true;
    assert.ok((await request(QUERY)).errors);
    forbidden.length = 0;
    assert.equal((await request(QUERY)).errors, undefined);
    assert.ok('Authorization' in (tried.at(-1) ?? {}));
    assert.deepEqual(refused, []);
  });

  it('is tried once where the page and the server are of one origin, or there is no page', async (t) => {
    const { url } = await fakeServer(t, (_, response) => json(response, HEALTHY));
    const { tried, environment } = withCors(['Authorization']);
    await rejection(access(url, { token: TOKEN, environment }).request(QUERY));
    pageAt(t, url);
    await rejection(access(url, { token: TOKEN, environment }).request(QUERY));
    assert.equal(tried.length, 2);
  });
});

describe('isQuery', () => {
  it('is true only for what changes nothing for sure', () => {
    for (const query of ['{ a }', ' query A { a }', 'query($a: Int) { a }', 'query{a}']) {
      assert.ok(isQuery({ query }), query);
    }
    for (const query of ['mutation { a }', 'subscription { a }', 'fragment F on A { a } query { a }', '']) {
      assert.ok(!isQuery({ query }), query);
    }
    assert.ok(!isQuery({ query: 'query A { a } mutation B { b }' }));
  });
});
