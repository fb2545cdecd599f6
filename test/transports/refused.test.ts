import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { TransportOptions } from '../../src/transports/transport.ts';
import { done, event, scriptedHub } from './scripted-hub.ts';
import { bench, JANE, mintToken, rejection, waitFor, WORKFLOW } from './support.ts';

const message = { workflow: WORKFLOW, text: 'Hello' };

/** Options of a transport whose every request has a token of its own, and what it was told of them. */
function numbered() {
  let count = 0;
  const refused: string[] = [];
  const options = {
    getToken: () => `t${++count}`,
    onRefused: (credential: string) => void refused.push(credential),
  } satisfies Partial<TransportOptions>;
  return { options, refused };
}

describe('a refused credential is told before the call rejects', () => {
  it('by a plain request, the one that it carried', async (t) => {
    const { server, rest } = await bench(t);
    const { options, refused } = numbered();
    const calls = rest(options);
    await server.control({ fault: 'fail', what: ['rest'], status: 401, count: 2 });
    const answers = await Promise.all([rejection(calls.send(message)), rejection(calls.history(message))]);
    assert.deepEqual(
      answers.map(({ code }) => code),
      ['unauthorized', 'unauthorized'],
    );
    assert.deepEqual(refused.sort(), ['t1', 't2']);
  });

  it('by a stream', async (t) => {
    const { server, sse } = await bench(t);
    const { options, refused } = numbered();
    const live = sse({ ...options, reconnect: false });
    await live.subscribe(WORKFLOW);
    await server.control({ fault: 'fail', what: ['sse'], status: 401, count: 1 });
    const told = rejection(live.connect()).then(({ code }) => [code, [...refused]]);
    assert.deepEqual(await told, ['unauthorized', ['t1']]);
  });

  it('by the request before a socket', async (t) => {
    const { hub } = await bench(t);
    for (const how of [{ checkAccess: true }, { skipNegotiation: false }]) {
      const refused: string[] = [];
      const token = mintToken(JANE, { ttlSeconds: -60 });
      const live = hub({
        ...how,
        token,
        reconnect: false,
        onRefused: (credential) => refused.push(credential),
      });
      const told = rejection(live.connect()).then(({ code }) => [code, [...refused]]);
      assert.deepEqual(await told, ['unauthorized', [token]]);
    }
  });

  it('by a hub that says so when it greets, in answer to a call, and out of turn', async (t) => {
    const { hub } = await bench(t);
    const cases: [name: string, serverUrl: string][] = [
      [
        'greeting',
        await scriptedHub(t, () => [], [event('ConnectionError', { statusCode: 401 }), { type: 7 }]),
      ],
      ['answer', await scriptedHub(t, (call) => [event('Error', 'Invalid tenant context'), done(call)])],
      ['out of turn', await scriptedHub(t, () => [], [event('Error', 'Invalid tenant context')])],
    ];
    for (const [name, serverUrl] of cases) {
      const { options, refused } = numbered();
      const live = hub({ ...options, serverUrl, reconnect: false });
      // The greeting is heard before or after the connection counts as open.
      await live.connect().catch(({ code }: { code: string }) => assert.equal(code, 'unauthorized', name));
      if (name === 'answer') assert.equal((await rejection(live.send(message))).code, 'unauthorized');
      await waitFor(() => refused.length > 0, name);
      assert.deepEqual(refused, ['t1'], name);
    }
  });

  it('but no other failure is, and a listener that throws changes nothing', async (t) => {
    const printed = t.mock.method(console, 'error', () => undefined).mock;
    const { server, rest, sse } = await bench(t);
    const { options, refused } = numbered();
    for (const status of [403, 407, 429, 503]) {
      await server.control({ fault: 'fail', what: ['rest'], status, count: 1 });
      await rejection(rest(options).send(message));
    }
    const noToken = { getToken: () => '', onRefused: options.onRefused };
    const { code, service } = await rejection(rest(noToken).send(message));
    assert.deepEqual([code, service, refused], ['unauthorized', 'sign-in', []]);

    const onRefused = () => {
      throw new Error('The page has a bug.');
    };
    await server.control({ fault: 'fail', what: ['rest', 'sse'], status: 401, count: 2 });
    assert.equal((await rejection(rest({ onRefused }).send(message))).code, 'unauthorized');
    const live = sse({ onRefused, reconnect: false });
    await live.subscribe(WORKFLOW);
    assert.equal((await rejection(live.connect())).code, 'unauthorized');
    assert.equal(printed.callCount(), 2);
  });
});

describe('traceparent', () => {
  const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  /** A server that answers nothing useful, and the `traceparent` of each request it got, by path. */
  async function listening(t: TestContext) {
    const heard: [path: string, traceparent: string | string[] | undefined][] = [];
    const server = createServer((request, response) => {
      heard.push([new URL(request.url ?? '', 'http://x').pathname, request.headers['traceparent']]);
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    return { heard, serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it('goes with plain requests and streams, where the callback gives one, and nowhere else', async (t) => {
    const { heard, serverUrl } = await listening(t);
    const { rest, sse, hub } = await bench(t);
    const asked: string[] = [];
    const traced = (value: string | undefined) => ({
      serverUrl,
      traceparent: (url: URL) => (asked.push(url.origin), value),
    });
    for (const value of [TRACE, undefined]) {
      await rejection(rest(traced(value)).history(message));
      const live = sse({ ...traced(value), reconnect: false });
      await live.subscribe(WORKFLOW);
      await rejection(live.connect());
    }
    await rejection(rest({ serverUrl }).history(message));
    await rejection(hub({ ...traced(TRACE), checkAccess: true, reconnect: false }).connect());
    assert.deepEqual(heard.slice(0, 5), [
      ['/api/user/rest/history', TRACE],
      ['/api/user/sse/events', TRACE],
      ['/api/user/rest/history', undefined],
      ['/api/user/sse/events', undefined],
      ['/api/user/rest/history', undefined],
    ]);
    assert.deepEqual(
      heard.slice(5).map(([, header]) => header),
      [undefined, undefined],
      'the request before the socket, and the socket',
    );
    assert.deepEqual(asked, Array(4).fill(serverUrl));
  });
});
