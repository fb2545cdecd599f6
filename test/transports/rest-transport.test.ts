import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { REQUEST_LINE_BYTES } from '../../src/protocol/limits.ts';
import { requestLineBytes, restCanCarry, restMessage } from '../../src/transports/rest-request.ts';
import { SEED } from '../support/seed.ts';
import {
  bench,
  JANE,
  ManualTime,
  nodeEnvironment,
  rejection,
  storedCount,
  waitFor,
  WORKFLOW,
} from './support.ts';

const PLACE = { serverUrl: 'https://xians.example', tenantId: 'acme', participantId: JANE };

describe('RestTransport', () => {
  it('fills the request line to the last byte the server takes', async (t) => {
    const { server, rest } = await bench(t);
    const transport = rest();
    const requestId = crypto.randomUUID();
    const place = { ...PLACE, serverUrl: server.url };
    const bytes = (text: string) =>
      requestLineBytes(
        'POST',
        restMessage(place, 'send', { workflow: WORKFLOW, text, requestId }, () => '').url,
      );
    const text = 'x'.repeat(REQUEST_LINE_BYTES - bytes(''));
    assert.equal(bytes(text), REQUEST_LINE_BYTES);
    await transport.send({ workflow: WORKFLOW, text, requestId });
    assert.equal(await storedCount(server, requestId), 1);
    const longer = { workflow: WORKFLOW, text: `${text}x`, requestId };
    assert.equal((await rejection(transport.send(longer))).code, 'too-large');
    assert.deepEqual(
      [
        restCanCarry(place, { workflow: WORKFLOW, text }),
        restCanCarry(place, { ...longer, requestId: undefined }),
      ],
      [true, false],
    );
  });

  it('says before sending what it can carry, the same as sending would', async () => {
    const anyRequest = fc.record(
      {
        workflow: fc.constantFrom(WORKFLOW, 'acme:A:B', 'A', 'other:A:B'),
        text: fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 2_000, maxLength: 9_000 })),
        topic: fc.constantFrom(undefined, '', 'billing'),
        hint: fc.constantFrom(undefined, '', 'short'),
        type: fc.constantFrom(undefined, 'Chat', 'Data', 'Handoff', 'Webhook', 'Tool'),
      },
      { requiredKeys: ['workflow', 'text'] },
    );
    fc.assert(
      fc.property(anyRequest, (request) => {
        let sendable = true;
        try {
          const { url } = restMessage(PLACE, 'send', request, () => crypto.randomUUID());
          assert.equal(
            url.searchParams.get('text'),
            Buffer.from(request.text).toString(), // halves of characters are replaced
          );
          assert.ok(requestLineBytes('POST', url) <= REQUEST_LINE_BYTES);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          sendable = false;
        }
        assert.equal(restCanCarry(PLACE, request), sendable);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('carries text of any script unchanged', async (t) => {
    const { server, rest } = await bench(t);
    const transport = rest();
    for (const text of ['50% + 1 & 2 = ?#/', 'Grüße 🎉 文字', ' leading\nand trailing ', '\u2028"\'<>']) {
      const { requestId } = await transport.send({ workflow: WORKFLOW, text });
      const { stored } = await server.report();
      assert.equal(stored.find((message) => message.requestId === requestId)?.text, text);
    }
  });

  it('carries large data, and refuses data over 30 MiB and data that is no JSON', async (t) => {
    const { rest } = await bench(t);
    const transport = rest();
    const data = (bytes: number) => ({ workflow: WORKFLOW, data: { blob: 'x'.repeat(bytes) } });
    assert.ok((await transport.send(data(5_000_000))).threadId);
    assert.equal((await rejection(transport.send(data(31_457_280)))).code, 'too-large');
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const broken of [circular, { big: 1n }]) {
      assert.equal((await rejection(transport.send({ workflow: WORKFLOW, data: broken }))).code, 'input');
    }
  });

  it('reads pages oldest first and tells whether there are more', async (t) => {
    const { server, rest } = await bench(t);
    const transport = rest();
    await server.control({ fault: 'burst', workflow: WORKFLOW, participantId: JANE, count: 5, text: 'n' });
    const first = await transport.history({ workflow: WORKFLOW, pageSize: 3 });
    assert.deepEqual([first.messages.map(({ text }) => text), first.hasMore], [['n 3', 'n 4', 'n 5'], true]);
    const last = await transport.history({ workflow: WORKFLOW, pageSize: 3, page: 2 });
    assert.deepEqual([last.messages.map(({ text }) => text), last.hasMore], [['n 1', 'n 2'], false]);
    await server.control({ fault: 'malformed', kind: 'history-html' });
    assert.equal((await rejection(transport.history({ workflow: WORKFLOW }))).code, 'protocol');
    await server.control({ fault: 'malformed', kind: 'history-garbage' });
    const garbage = await transport
      .history({ workflow: WORKFLOW })
      .catch((error: { code: string }) => error.code);
    assert.ok(garbage === 'protocol' || (typeof garbage === 'object' && garbage.malformed > 0));
  });

  it('asks whether an agent is there', async (t) => {
    const { server, rest } = await bench(t, { secondMs: 20 });
    const transport = rest();
    assert.deepEqual(await transport.heartbeat(WORKFLOW), { available: true });
    await server.control({ fault: 'agents', on: false });
    assert.deepEqual(await transport.heartbeat(WORKFLOW), { available: false, reason: 'no-worker' });
    await server.control({ fault: 'down' });
    assert.equal((await rejection(transport.heartbeat(WORKFLOW))).code, 'network');
  });

  it('follows no redirect: the text would go to whoever is named in it', async (t) => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const { rest } = await bench(t);
    const transport = rest({ serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const error = await rejection(transport.send({ workflow: WORKFLOW, text: 'Hello' }));
    assert.deepEqual([error.code, error.stored], ['protocol', 'no']);
    assert.equal(paths.length, 1);
  });

  it('a caller, a timeout or dispose() ends a request, and no timer is left', async (t) => {
    const { server, rest } = await bench(t);
    await server.control({ fault: 'latency', ms: 1_500 });
    const time = new ManualTime();
    const transport = rest({
      environment: nodeEnvironment({ setTimer: time.setTimer }),
      requestTimeoutMs: 5_000,
    });
    const late = rejection(transport.history({ workflow: WORKFLOW }));
    await waitFor(() => time.pending.length === 1, 'the request');
    time.advance(5_000);
    assert.equal((await late).code, 'timeout');

    const giveUp = new AbortController();
    const left = rejection(transport.history({ workflow: WORKFLOW, signal: giveUp.signal }));
    giveUp.abort();
    assert.equal((await left).code, 'closed');

    const cut = rejection(transport.history({ workflow: WORKFLOW }));
    transport.dispose();
    assert.equal((await cut).code, 'closed');
    assert.equal((await rejection(transport.history({ workflow: WORKFLOW }))).code, 'closed');
    assert.deepEqual(time.pending, []);
  });

  it('takes a hundred requests at a time, ends them all, and nothing warns', async (t) => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error) => void warnings.push(name);
    process.on('warning', onWarning);
    t.after(() => process.off('warning', onWarning));
    const { rest } = await bench(t);
    const transport = rest();
    const pages = Array.from({ length: 100 }, () => rejection(transport.history({ workflow: WORKFLOW })));
    transport.dispose();
    assert.deepEqual(new Set((await Promise.all(pages)).map(({ code }) => code)), new Set(['closed']));
    await new Promise((resolve) => setImmediate(resolve)); // a warning comes a tick later
    assert.deepEqual(warnings, []);
  });

  it('does not wait for a token provider that never answers', async (t) => {
    const { rest } = await bench(t);
    const transport = rest({ getToken: () => new Promise<string>(() => {}), requestTimeoutMs: 30 });
    const error = await rejection(transport.send({ workflow: WORKFLOW, text: 'Hello' }));
    assert.deepEqual([error.code, error.stored], ['timeout', 'no']);
  });

  it('uses the token of the moment', async (t) => {
    const { server, rest } = await bench(t);
    const transport = rest({ apiKey: 'sk-Xnai-wrong' });
    const error = await rejection(transport.send({ workflow: WORKFLOW, text: 'Hello' }));
    assert.deepEqual([error.code, error.status, error.stored], ['unauthorized', 401, 'no']);
    transport.updateApiKey('sk-Xnai-dev');
    await transport.send({ workflow: WORKFLOW, text: 'Hello' });
    const { received } = await server.report();
    assert.deepEqual(
      received.map(({ status }) => status),
      [401, 200],
    );
  });
});
