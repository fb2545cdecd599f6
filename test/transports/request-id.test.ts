import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SendRequest } from '../../src/transports/transport.ts';
import { bench, rejection, WORKFLOW } from './support.ts';

describe('the request id of a message', () => {
  for (const kind of ['hub', 'rest'] as const) {
    it(`has to be a string with something in it, or the ${kind} transport refuses it before sending`, async (t) => {
      const { server, hub, rest } = await bench(t);
      const live = hub();
      await live.connect();
      const transport = kind === 'hub' ? live : rest();
      for (const requestId of [7, 0, '', ' ', null, {}, ['a']] as unknown[]) {
        const request = { workflow: WORKFLOW, text: 'Hello', requestId } as SendRequest;
        const error = await rejection(transport.send(request));
        assert.deepEqual([error.code, error.stored], ['input', 'no'], JSON.stringify(requestId));
      }
      assert.deepEqual((await server.report()).stored, []);
      const { requestId } = await transport.send({ workflow: WORKFLOW, text: 'Hello', requestId: 'mine' });
      assert.equal(requestId, 'mine');
    });
  }
});
