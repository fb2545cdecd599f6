import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { CUT, done, event, failed, scriptedHub, type Invocation, type Wire } from './scripted-hub.ts';
import { bench, record, rejection, waitFor, WORKFLOW, WORKFLOW_ID } from './support.ts';

describe('what a hub may answer', () => {
  const message = { workflow: WORKFLOW, text: 'Hello' };
  const cases: [name: string, answer: (call: Invocation) => Wire[], code: string, stored: string][] = [
    ['an unknown method', (call) => [failed(call, "Unknown hub method 'X'")], 'unsupported', 'no'],
    [
      'arguments it cannot bind',
      (call) => [failed(call, "Failed to invoke 'X' due to an error on the server.")],
      'input',
      'no',
    ],
    [
      'an exception',
      (call) => [failed(call, "An unexpected error occurred invoking 'X' on the server.")],
      'server',
      'maybe',
    ],
    ['a completion without a word before it', (call) => [done(call)], 'protocol', 'maybe'],
    [
      'a number in the place of the thread',
      (call) => [event('InboundProcessed', 500), done(call)],
      'protocol',
      'maybe',
    ],
    [
      'an Error and a completion error',
      (call) => [event('Error', 'Thread not found'), failed(call, 'x')],
      'not-found',
      'no',
    ],
  ];
  for (const [name, answer, code, stored] of cases) {
    it(`takes ${name} for ${code}, stored: ${stored}`, async (t) => {
      const { hub } = await bench(t);
      const live = hub({ serverUrl: await scriptedHub(t, answer), reconnect: false });
      await live.connect();
      const error = await rejection(live.send(message));
      assert.deepEqual([error.code, error.stored], [code, stored]);
      assert.equal(live.state, 'open');
    });
  }

  it('takes a confirmation for one, though the connection is cut before the completion', async (t) => {
    const { hub } = await bench(t);
    const answers = [
      (_call: Invocation) => [event('InboundProcessed', 'a'.repeat(24)), CUT],
      (_call: Invocation) => [event('Error', 'Thread not found'), CUT],
      (_call: Invocation) => [CUT],
    ];
    const outcomes: unknown[] = [];
    for (const answer of answers) {
      const live = hub({ serverUrl: await scriptedHub(t, answer), reconnect: false });
      await live.connect();
      const sent = live.send({ ...message, requestId: 'r' });
      outcomes.push(await sent.catch((error: RealtimeError) => [error.code, error.stored]));
      await waitFor(() => live.state === 'closed', 'closed');
    }
    assert.deepEqual(outcomes, [
      { threadId: 'a'.repeat(24), requestId: 'r' },
      ['not-found', 'no'],
      ['network', 'maybe'],
    ]);
  });

  it('does not take a confirmation that belongs to no call for that of the next one', async (t) => {
    const { hub } = await bench(t);
    const stray = [event('InboundProcessed', 'a'.repeat(24))];
    const live = hub({ serverUrl: await scriptedHub(t, (call) => [done(call)], stray), reconnect: false });
    await live.connect();
    assert.equal((await rejection(live.send(message))).code, 'protocol');
  });

  it('takes ThreadHistory(null) for an empty page, and its absence for a breach', async (t) => {
    const { hub } = await bench(t);
    const empty = hub({
      serverUrl: await scriptedHub(t, (call) => [event('ThreadHistory', null), done(call)]),
    });
    await empty.connect();
    assert.deepEqual(await empty.history({ workflow: WORKFLOW }), {
      messages: [],
      malformed: 0,
      hasMore: false,
    });
    const mute = hub({ serverUrl: await scriptedHub(t, (call) => [done(call)]) });
    await mute.connect();
    assert.equal((await rejection(mute.history({ workflow: WORKFLOW }))).code, 'protocol');
    const unconfirmed = await rejection(mute.deleteThread({ workflow: WORKFLOW }));
    assert.deepEqual([unconfirmed.code, unconfirmed.stored], ['protocol', 'maybe']);
  });

  it('tells an Error that belongs to no call, and a ConnectionError as a refusal', async (t) => {
    const { hub } = await bench(t);
    const greeting = [event('Error', 'An unexpected error occurred')];
    const talking = hub({ serverUrl: await scriptedHub(t, () => [], greeting), reconnect: false });
    const heard = record(talking);
    await talking.connect();
    await waitFor(() => heard.errors.length === 1, 'the error');
    assert.deepEqual([heard.errors[0]?.code, talking.state], ['server', 'open']);

    const refusal = [
      event('ConnectionError', { statusCode: 401, message: 'Invalid tenant context' }),
      { type: 7 },
    ];
    const refused = hub({ serverUrl: await scriptedHub(t, () => [], refusal) });
    const told = record(refused);
    const early = await refused.connect().catch((error: unknown) => error);
    await waitFor(() => refused.state === 'closed', 'closed for good');
    const error = told.errors[0] ?? (early as (typeof told.errors)[0]);
    assert.equal(error?.code, 'unauthorized');
  });

  it('drops messages of participants that were not subscribed to, unless asked for', async (t) => {
    const foreign = event('ReceiveChat', {
      id: '66b1f0d9a4d7e9f1b2c3d4f0',
      workflowId: WORKFLOW_ID,
      participantId: 'stranger@example.com',
      direction: 'Outgoing',
      messageType: 'Chat',
      text: 'private matter',
      createdAt: '2026-07-01T09:14:57.123Z',
    });
    const serverUrl = await scriptedHub(t, (call) => [foreign, done(call)]);
    const { hub } = await bench(t);
    const [own, all] = [hub({ serverUrl }), hub({ serverUrl, ownMessagesOnly: false })];
    const [heardOwn, heardAll] = [record(own), record(all)];
    for (const live of [own, all]) {
      await live.subscribe(WORKFLOW);
      await live.connect();
    }
    assert.deepEqual([heardOwn.texts, heardAll.texts], [[], ['private matter']]);
  });
});
