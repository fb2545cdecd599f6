import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { bench, JANE, waitFor, WORKFLOW } from './support.ts';

const fail = () => {
  throw new Error('The page has a bug.');
};

for (const kind of ['hub', 'sse'] as const) {
  describe(`listeners of the ${kind} transport that throw`, () => {
    it('are told by its error event, once each time, while the others hear', async (t) => {
      const { server, [kind]: create } = await bench(t);
      const live = create();
      const errors: RealtimeError[] = [];
      const texts: (string | undefined)[] = [];
      live.on('message', fail);
      live.on('message', ({ text }) => texts.push(text));
      live.on('error', (error) => errors.push(error));
      await live.subscribe(WORKFLOW);
      await live.connect();
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'Hello' });
      await waitFor(() => texts.length > 0, 'the message');
      assert.deepEqual([texts, live.state], [['Hello'], 'open']);
      assert.deepEqual(
        errors.map(({ code, retryable, message }) => [code, retryable, message]),
        [['bug', false, 'A listener of "message" threw.']],
      );
    });

    it('are printed when nobody hears the error event, or its listener throws as well', async (t) => {
      const printed = t.mock.method(console, 'error', () => undefined).mock;
      const { server, [kind]: create } = await bench(t);
      const live = create({ reconnect: false });
      const failed = new Promise((resolve) => live.on('state', ({ error }) => error && resolve(error)));
      await live.subscribe(WORKFLOW);
      await live.connect();
      live.on('message', fail);
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'Hello' });
      await waitFor(() => printed.callCount() === 1, 'the first line');
      live.on('error', fail);
      await server.control({ fault: 'drop-sockets' });
      await failed;
      await waitFor(() => printed.callCount() > 1, 'the second line');
      assert.equal(printed.callCount(), 2);
      assert.match(String(printed.calls[1]?.arguments), /The page has a bug/);
    });
  });
}
