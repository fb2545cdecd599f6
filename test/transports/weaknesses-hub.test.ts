import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bench,
  fastEnvironment,
  JANE,
  mintToken,
  PATIENT,
  record,
  rejection,
  waitFor,
  WORKFLOW,
  WORKFLOW_ID,
} from './support.ts';

/** One test for each proven weakness of the published SDK's sockets (rows of the table in the protocol reference). */
describe('hub transport, against the weaknesses of the published SDK', () => {
  it('W7.2-1: is subscribed again after a lost connection, before it reports open', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub({ ...PATIENT, environment: fastEnvironment(100) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await server.control({ fault: 'drop-sockets' });
    await waitFor(() => heard.states.at(-1) === 'open' && heard.states.includes('waiting'), 'reconnected');
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'still there?' });
    await waitFor(() => heard.texts.includes('still there?'), 'the message after the reconnect');
  });

  it('W7.2-2: without reconnect, a dropped socket is not opened again', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub({ ...PATIENT, reconnect: false, environment: fastEnvironment(1_000) });
    const heard = record(live);
    await live.connect();
    await server.control({ fault: 'drop-sockets' });
    await waitFor(() => live.state === 'closed', 'closed');
    assert.deepEqual(heard.states, ['connecting', 'open', 'closed']);
    // The probe of another transport shows that the server had all the time it needed to see a second connection.
    await hub().connect();
    assert.equal((await server.report()).connections.hub, 1);
  });

  it('W7.2-3: tells every answer and message once, though the server sends legacy twins', async (t) => {
    const { hub } = await bench(t);
    const live = hub();
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    const { requestId } = await live.send({ workflow: WORKFLOW, text: 'Hello' });
    await waitFor(() => heard.messages.length > 0, 'the reply');
    await live.probe(); // whatever the server had still to send has arrived before this answer
    assert.equal(heard.messages.length, 1);
    assert.equal(heard.messages[0]?.requestId, requestId);
    assert.equal((await live.history({ workflow: WORKFLOW })).messages.length, 2);
  });

  it('W7.2-4: reads page 1 by default and refuses page 0', async (t) => {
    const { hub } = await bench(t);
    const live = hub();
    await live.connect();
    await live.send({ workflow: WORKFLOW, text: 'Hello' });
    assert.ok((await live.history({ workflow: WORKFLOW })).messages.length >= 1);
    assert.equal((await rejection(live.history({ workflow: WORKFLOW, page: 0 }))).code, 'input');
    assert.equal((await rejection(live.history({ workflow: WORKFLOW, pageSize: 1 }))).code, 'input');
    assert.equal((await rejection(live.history({ workflow: WORKFLOW, pageSize: 1_001 }))).code, 'input');
  });

  it('W7.2-5: a participant in mixed case hears replies and can delete the thread', async (t) => {
    const { hub } = await bench(t);
    const live = hub({ participantId: 'Jane@Example.com' });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await live.send({ workflow: WORKFLOW, text: 'Hello' });
    await waitFor(() => heard.messages.length === 1, 'the reply');
    assert.equal(heard.messages[0]?.participantId, JANE);
    assert.equal(await live.deleteThread({ workflow: WORKFLOW }), true);
  });

  it('W7.2-7: the hub tells Reasoning, Tool, File and Webhook from chat', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub();
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    const types = ['Chat', 'Data', 'File', 'Handoff', 'Webhook', 'Reasoning', 'Tool', 'Heartbeat'];
    for (const type of types) {
      await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, type, text: type });
    }
    await waitFor(() => heard.messages.length === types.length, 'one message of each type');
    assert.deepEqual(
      heard.messages.map(({ type }) => type),
      types,
    );
  });

  it('W7.2-12: deleting resolves with what happened', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub();
    await live.connect();
    assert.equal(await live.deleteThread({ workflow: WORKFLOW }), false);
    await live.send({ workflow: WORKFLOW, text: 'Hello' });
    assert.equal(await live.deleteThread({ workflow: WORKFLOW }), true);
    assert.equal(
      (await server.report()).stored.filter(({ direction }) => direction === 'Incoming').length,
      0,
    );
  });

  it('W7.2-13: calls reject when the server reports an Error', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub();
    await live.connect();
    await server.control({ fault: 'hub-error' });
    const error = await rejection(live.send({ workflow: WORKFLOW, text: 'Hello' }));
    assert.deepEqual([error.code, error.stored], ['server', 'maybe']);
    assert.doesNotMatch(error.message, /temporarily unavailable/);
    assert.ok((await live.send({ workflow: WORKFLOW, text: 'Again' })).threadId);
  });

  it('W7.2-17: connect() while waiting tries at once and disconnect() says closed, once', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub({ environment: fastEnvironment(1, { random: () => 0.99 }) }); // waits for two seconds
    const heard = record(live);
    await live.connect();
    await server.control({ fault: 'drop-sockets' });
    await waitFor(() => live.state === 'waiting', 'waiting');
    await live.connect();
    assert.equal(live.state, 'open');
    await live.disconnect();
    await live.disconnect();
    assert.deepEqual(heard.states, ['connecting', 'open', 'waiting', 'connecting', 'open', 'closed']);
  });

  it('W7.2-20: a new credential reconnects, awaited, and keeps the subscriptions', async (t) => {
    const { server, hub } = await bench(t);
    const live = hub({ token: mintToken(JANE) });
    const heard = record(live);
    await live.subscribe(WORKFLOW);
    await live.connect();
    await live.updateToken(mintToken(JANE));
    assert.equal(live.state, 'open');
    assert.equal(live.authType, 'token');
    const { received } = await server.report();
    assert.equal(received.filter(({ target }) => target === 'SubscribeToAgent').length, 2);
    await server.control({ fault: 'publish', workflow: WORKFLOW, participantId: JANE, text: 'for you' });
    await waitFor(() => heard.texts.includes('for you'), 'the message after the change');
    await live.updateApiKey('sk-Xnai-dev');
    assert.deepEqual([live.state, live.authType], ['open', 'api-key']);
    await live.updateTokenProvider(async () => mintToken(JANE));
    assert.deepEqual([live.state, live.authType], ['open', 'token-provider']);
  });

  it('W7.2-21: two transports live side by side, ids are the server’s, handoffs arrive live', async (t) => {
    const { server, hub } = await bench(t);
    const [first, second] = [hub(), hub()];
    const heard = [record(first), record(second)];
    for (const live of [first, second]) {
      await live.subscribe(WORKFLOW);
      await live.subscribe('Billing Agent:Billing Flow');
      await live.connect();
    }
    await server.control({
      fault: 'handoff',
      from: WORKFLOW,
      to: 'Billing Agent:Billing Flow',
      participantId: JANE,
    });
    await waitFor(() => heard.every(({ messages }) => messages.length === 1), 'the handoff on both');
    assert.equal(heard[0]!.messages[0]!.type, 'Handoff');
    const read = async () =>
      (await first.history({ workflow: 'Billing Agent:Billing Flow' })).messages.map(({ id }) => id);
    assert.deepEqual(await read(), await read());
    assert.deepEqual(await read(), [heard[0]!.messages[0]!.id]);
    assert.deepEqual([first.state, second.state], ['open', 'open']);
  });

  it('W7.2-23: a trailing slash in serverUrl does no harm', async (t) => {
    const { server, hub, rest, sse } = await bench(t);
    const serverUrl = `${server.url}/`;
    await hub({ serverUrl }).connect();
    assert.deepEqual((await rest({ serverUrl }).history({ workflow: WORKFLOW_ID })).messages, []);
    const stream = sse({ serverUrl });
    await stream.subscribe(WORKFLOW);
    await stream.connect();
    assert.equal(stream.state, 'open');
  });
});
