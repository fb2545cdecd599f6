import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorCode, Stored } from '../../src/protocol/errors.ts';
import { bench, type Bench, hasty, rejection, storedCount, waitFor, WORKFLOW } from './support.ts';
import type { ServerFault } from '../support/node-server.ts';

/**
 * The outcome of an attempt: what the transport says about the message being stored, against what the server really
 * stored. `maybe` must never be told as `no`, or a repeat makes a duplicate.
 */
interface Outcome {
  name: string;
  faults: ServerFault[];
  code: ErrorCode;
  stored: Stored;
  reallyStored: 0 | 1;
}

const REST_OUTCOMES: Outcome[] = [
  ...([400, 401, 403, 404, 413, 414, 415, 429, 431] as const).map((status) => ({
    name: `status ${status}`,
    faults: [{ fault: 'fail', what: ['send'], status, count: 1 }],
    code: (
      {
        400: 'input',
        401: 'unauthorized',
        403: 'forbidden',
        404: 'not-found',
        413: 'too-large',
        414: 'too-large',
        415: 'input',
        429: 'rate-limited',
        431: 'too-large',
      } as const
    )[status],
    stored: 'no' as const,
    reallyStored: 0 as const,
  })),
  {
    name: 'a refused credential',
    faults: [{ fault: 'refuse', what: ['rest'], count: 1 }],
    code: 'unauthorized',
    stored: 'no',
    reallyStored: 0,
  },
  {
    name: 'the rate limit',
    faults: [{ fault: 'rate-limit', retryAfter: '37', count: 1 }],
    code: 'rate-limited',
    stored: 'no',
    reallyStored: 0,
  },
  {
    name: 'status 500 before storing',
    faults: [{ fault: 'fail', what: ['send'], count: 1 }],
    code: 'server',
    stored: 'maybe',
    reallyStored: 0,
  },
  {
    name: 'status 500 after storing',
    faults: [{ fault: 'store-then-500' }],
    code: 'server',
    stored: 'maybe',
    reallyStored: 1,
  },
  {
    name: 'a connection cut after storing',
    faults: [{ fault: 'store-then-drop' }],
    code: 'network',
    stored: 'maybe',
    reallyStored: 1,
  },
  {
    name: 'a connection cut before storing',
    faults: [{ fault: 'drop-before-store' }],
    code: 'network',
    stored: 'maybe',
    reallyStored: 0,
  },
  { name: 'no network', faults: [{ fault: 'down' }], code: 'network', stored: 'maybe', reallyStored: 0 },
  {
    name: 'a sign-in page',
    faults: [{ fault: 'captive-portal', on: true }],
    code: 'protocol',
    stored: 'maybe',
    reallyStored: 0,
  },
];

const HUB_ERRORS: [message: string, code: ErrorCode, stored: Stored][] = [
  ['Workflow parameter is required', 'input', 'no'],
  ['ParticipantId parameter is required', 'input', 'no'],
  ['TenantId parameter is required', 'input', 'no'],
  ['Request cannot be null', 'input', 'no'],
  ['MessageType is required', 'input', 'no'],
  ['Invalid tenant context', 'unauthorized', 'no'],
  ['Invalid message type. Valid types are: Chat, Data', 'input', 'no'],
  ['Access denied - invalid tenant', 'forbidden', 'no'],
  ['Invalid participantId. Mismatch between participantId and logged in user', 'forbidden', 'no'],
  ['Service temporarily unavailable', 'server', 'maybe'],
  ['Service configuration error - please try again later', 'server', 'maybe'],
  ['Request timeout - please try again', 'timeout', 'maybe'],
  ['Invalid request data', 'server', 'maybe'],
  ['An unexpected error occurred', 'server', 'maybe'],
  ['A sentence of a later version', 'server', 'maybe'],
];

const HUB_OUTCOMES: Outcome[] = [
  ...HUB_ERRORS.map(([message, code, stored]) => ({
    name: `Error "${message}"`,
    faults: [{ fault: 'hub-error', message }],
    code,
    stored,
    reallyStored: 0 as const,
  })),
  {
    name: 'an Error after storing',
    faults: [{ fault: 'store-then-500' }],
    code: 'server',
    stored: 'maybe',
    reallyStored: 1,
  },
  {
    name: 'a connection cut after storing',
    faults: [{ fault: 'store-then-drop' }],
    code: 'network',
    stored: 'maybe',
    reallyStored: 1,
  },
  {
    name: 'a connection cut before storing',
    faults: [{ fault: 'drop-before-store' }],
    code: 'network',
    stored: 'maybe',
    reallyStored: 0,
  },
];

async function check({ server }: Bench, outcome: Outcome, send: (requestId: string) => Promise<unknown>) {
  const requestId = crypto.randomUUID();
  for (const fault of outcome.faults) await server.control(fault);
  const error = await rejection(send(requestId));
  assert.deepEqual([error.code, error.stored], [outcome.code, outcome.stored], outcome.name);
  assert.equal(await storedCount(server, requestId), outcome.reallyStored, outcome.name);
  await server.control({ fault: 'reset' });
}

describe('outcomes of an attempt to send', () => {
  it('over REST, each says truly whether the message may be stored', async (t) => {
    const given = await bench(t);
    const rest = given.rest();
    for (const outcome of REST_OUTCOMES) {
      await check(given, outcome, (requestId) => rest.send({ workflow: WORKFLOW, text: 'Hello', requestId }));
    }
    const { requestId } = await rest.send({ workflow: WORKFLOW, text: 'Hello' });
    assert.equal(await storedCount(given.server, requestId), 1);
  });

  it('over the hub, each says truly whether the message may be stored', async (t) => {
    const given = await bench(t);
    const hub = given.hub(hasty());
    await hub.connect();
    for (const outcome of HUB_OUTCOMES) {
      await waitFor(() => hub.state === 'open', 'open');
      await check(given, outcome, (requestId) => hub.send({ workflow: WORKFLOW, text: 'Hello', requestId }));
    }
    await waitFor(() => hub.state === 'open', 'open');
    const { requestId } = await hub.send({ workflow: WORKFLOW, text: 'Hello' });
    assert.equal(await storedCount(given.server, requestId), 1);
  });

  it('a timeout leaves it open, over REST and over the hub', async (t) => {
    const given = await bench(t);
    await given.server.control({ fault: 'latency', ms: 1_500 });
    const slow: Outcome = { name: 'timeout', faults: [], code: 'timeout', stored: 'maybe', reallyStored: 0 };
    const rest = given.rest({ requestTimeoutMs: 50 });
    const error = await rejection(rest.send({ workflow: WORKFLOW, text: 'Hello' }));
    assert.deepEqual([error.code, error.stored], [slow.code, slow.stored]);

    await given.server.control({ fault: 'reset' });
    const hub = given.hub({ requestTimeoutMs: 60, reconnect: false });
    await hub.connect();
    await given.server.control({ fault: 'delay-processed', ms: 1_500 });
    const hubError = await rejection(hub.send({ workflow: WORKFLOW, text: 'Hello', requestId: 'slow' }));
    assert.deepEqual([hubError.code, hubError.stored], ['timeout', 'maybe']);
    await waitFor(() => hub.state === 'closed', 'a connection with a call that never ends is given up');
    assert.equal(await storedCount(given.server, 'slow'), 1);
  });

  it('what was never written to a socket is surely not stored', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub({ reconnect: false });
    const before = await rejection(live.send({ workflow: WORKFLOW, text: 'Hello', requestId: 'early' }));
    assert.deepEqual([before.code, before.stored], ['network', 'no']);

    await live.connect();
    await server.control({ fault: 'store-then-drop' });
    const [first, behind] = await Promise.all([
      rejection(live.send({ workflow: WORKFLOW, text: 'Hello', requestId: 'first' })),
      rejection(live.send({ workflow: WORKFLOW, text: 'Hello', requestId: 'behind' })),
    ]);
    assert.deepEqual([first.stored, behind.stored], ['maybe', 'no']);
    assert.deepEqual(
      [
        await storedCount(server, 'first'),
        await storedCount(server, 'early'),
        await storedCount(server, 'behind'),
      ],
      [1, 0, 0],
    );
  });

  it('a caller who gives up learns whether his message had left', async (t) => {
    const { server, hub, rest } = await bench(t);
    const live = hub();
    await live.connect();
    await server.control({ fault: 'delay-processed', ms: 100 });
    const [early, late] = [new AbortController(), new AbortController()];
    const first = rejection(
      live.send({ workflow: WORKFLOW, text: '1', requestId: '1', signal: early.signal }),
    );
    const second = rejection(
      live.send({ workflow: WORKFLOW, text: '2', requestId: '2', signal: late.signal }),
    );
    const third = live.send({ workflow: WORKFLOW, text: '3', requestId: '3' });
    await waitFor(async () => (await storedCount(server, '1')) === 1, 'the first arrived');
    late.abort();
    early.abort();
    assert.deepEqual([(await first).code, (await first).stored], ['closed', 'maybe']);
    assert.deepEqual([(await second).code, (await second).stored], ['closed', 'no']);
    assert.equal((await third).requestId, '3');
    assert.equal(await storedCount(server, '2'), 0);

    await server.control({ fault: 'latency', ms: 1_500 });
    const giveUp = new AbortController();
    const request = rejection(rest().send({ workflow: WORKFLOW, text: 'x', signal: giveUp.signal }));
    setImmediate(() => giveUp.abort());
    assert.deepEqual([(await request).code, (await request).stored], ['closed', 'maybe']);
  });
});
