import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { bench, rejection, WORKFLOW } from './support.ts';

const SAID = 'words-of-the-server';

/** A server that answers every connection with `answer`. */
async function speaker(t: TestContext, answer: string): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function inspectAll(error: unknown): string {
  return inspect(error, { depth: 10, showHidden: true });
}

describe('the causes of errors', () => {
  it('do not quote an answer to the hub’s negotiation that is not JSON', async (t) => {
    const serverUrl = await speaker(t, `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${SAID}`);
    const { hub } = await bench(t);
    const error = await rejection(hub({ serverUrl, skipNegotiation: false, reconnect: false }).connect());
    assert.equal(error.code, 'protocol');
    assert.ok(!inspectAll(error).includes(SAID.slice(0, 8)), inspectAll(error));
  });

  it('do not quote an answer that is not HTTP, but name its code', async (t) => {
    const serverUrl = await speaker(t, `${SAID}\r\n\r\n`);
    const { hub, rest, sse } = await bench(t);
    const stream = sse({ serverUrl, reconnect: false });
    await stream.subscribe(WORKFLOW);
    const errors = await Promise.all([
      rejection(rest({ serverUrl }).history({ workflow: WORKFLOW })),
      rejection(stream.connect()),
      rejection(hub({ serverUrl, checkAccess: true, reconnect: false }).connect()),
    ]);
    for (const error of errors) {
      assert.equal(error.code, 'network');
      assert.match(String(error.cause), /fetch failed \(HPE_\w+\)/);
      assert.ok(!inspectAll(error).includes(SAID), inspectAll(error));
    }
  });

  it('do not quote a token in an answer that the token provider could not parse', async (t) => {
    const { rest } = await bench(t);
    const getToken = async () => String(JSON.parse('eyJhbGciOiJIUzI1NiJ9.e30.c2ln'));
    const error = await rejection(rest({ getToken }).history({ workflow: WORKFLOW }));
    assert.equal(error.code, 'unauthorized');
    assert.doesNotMatch(inspectAll(error), /eyJ/);
  });
});
