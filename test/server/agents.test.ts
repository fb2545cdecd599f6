import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DevServer } from '../../demo/server/server.ts';
import { waitFor } from '../support/wait.ts';
import {
  call,
  chat,
  connected,
  ECHO,
  history,
  JANE,
  serve,
  SILENT,
  stream,
  SUPPORT,
  type WireMessage,
} from './fixture.ts';

async function ask(server: DevServer, text: string, workflow = SUPPORT): Promise<string> {
  const response = await call(server, 'converse', { ...chat(text, workflow), participantId: 'asker' });
  return ((await response.json()) as WireMessage).text ?? '';
}

/** What the agent of `workflow` says to one question, oldest first, once there are `count` messages. */
async function said(server: DevServer, workflow: string, count: number): Promise<WireMessage[]> {
  const outgoing = async () =>
    (await history(server, workflow)).filter(({ direction }) => direction === 'Outgoing');
  await waitFor(async () => (await outgoing()).length >= count, `${count} messages of ${workflow}`);
  return (await outgoing()).reverse();
}

describe('Support agent', () => {
  const topics: [question: string, expected: RegExp][] = [
    ['hello there', /welcome to \*\*Acme Support\*\*/],
    ['show me a table', /\| Plan \|.*\n\| :--- \|/],
    ['some code please', /```ts\n[^]*\n```/],
    ['a list', /1\. Create a \*\*workspace\*\*[^]*\n {3}- a spreadsheet/],
    ['a link', /\[docs\.acme\.example\]\(https:/],
    ['an image', /!\[.*\]\(https:/],
    ['html?', /<script>alert\(1\)<\/script>/],
  ];
  for (const [question, expected] of topics) {
    it(`answers "${question}" in Markdown`, async (t) => {
      assert.match(await ask(await serve(t), question), expected);
    });
  }

  it('repeats what it understood when it knows no better, and says the same to the same question', async (t) => {
    const server = await serve(t);
    const first = await ask(server, 'My invoices turn purple');
    assert.match(first, /“My invoices turn purple”/);
    assert.equal(await ask(server, 'My invoices turn purple'), first);
    assert.match(await ask(server, ''), /What can I do for you/);
  });

  it('has no handler for Data and says so as Chat', async (t) => {
    const server = await serve(t);
    await call(server, 'send', { ...chat('x'), type: 'Data' }, { json: { a: 1 } });
    const [reply] = await said(server, SUPPORT, 1);
    assert.deepEqual(
      [reply?.messageType, reply?.text],
      ['Chat', `No data handler registered for workflow type '${SUPPORT}'`],
    );
  });
});

describe('Agents', () => {
  it('copy request id, topic, hint and data to a reply, in the same thread', async (t) => {
    const server = await serve(t);
    const jane = await connected(t, server);
    await jane.connection.invoke('SubscribeToAgent', ECHO, JANE, 'acme');
    const request = {
      workflow: ECHO,
      participantId: JANE,
      text: 'x',
      requestId: 'r1',
      scope: 'a',
      hint: 'b',
    };
    await jane.connection.invoke('SendInboundMessage', { ...request, data: { page: 1, b: 2 } }, 'Chat');
    const [reply] = await jane.have('ReceiveChat');
    assert.deepEqual(
      [reply?.requestId, reply?.['scope'], reply?.['hint'], reply?.data],
      ['r1', 'a', 'b', { page: 1, b: 2 }],
    );
    assert.deepEqual(await jane.have('InboundProcessed'), [reply?.threadId]);
  });

  it('research in steps of Reasoning and Tool before the answer, all for one request', async (t) => {
    const server = await serve(t);
    const workflow = 'Research Agent:Deep Flow';
    await call(server, 'send', chat('limits', workflow, 'r1'));
    const messages = await said(server, workflow, 5);
    assert.deepEqual(
      messages.map(({ messageType }) => messageType),
      ['Reasoning', 'Tool', 'Tool', 'Reasoning', 'Chat'],
    );
    assert.ok(messages.every(({ requestId }) => requestId === 'r1'));
  });

  it('hand over to billing, which greets and goes on under its own workflow', async (t) => {
    const server = await serve(t);
    const billing = 'Billing Agent:Billing Flow';
    await call(server, 'send', chat('an invoice', 'Triage Agent:Front Desk', 'r1'));
    const [handoff, greeting] = await said(server, billing, 2);
    assert.deepEqual(
      [handoff?.messageType, handoff?.text, handoff?.requestId, handoff?.['scope']],
      ['Handoff', 'Triage Agent:Front Desk -> Billing Agent:Billing Flow', null, null],
    );
    assert.deepEqual(handoff?.data, { reason: 'billing question' });
    assert.match(greeting?.text ?? '', /\*\*Billing\*\*/);
    assert.equal((await said(server, 'Triage Agent:Front Desk', 1)).length, 1);
    assert.match(await ask(server, 'Invoice 20417', billing), /20417/);
  });

  it('answer with Data and text', async (t) => {
    const server = await serve(t);
    const workflow = 'Data Agent:Card Flow';
    await call(server, 'send', chat('my order', workflow));
    const messages = await said(server, workflow, 2);
    assert.deepEqual(
      messages.map(({ messageType }) => messageType),
      ['Data', 'Chat'],
    );
    assert.equal((messages[0]?.data as Record<string, unknown>)['kind'], 'order-card');
  });

  it('answer several times when chatty, late when slow, and never when silent', async (t) => {
    const server = await serve(t, { agentDelayMs: 4 });
    const started = performance.now();
    await Promise.all([
      call(server, 'send', chat('x', SILENT)),
      call(server, 'send', chat('x', 'Chatty Agent:Multi Flow')),
      call(server, 'send', chat('x', 'Slow Agent:Sloth Flow')),
    ]);
    await said(server, 'Slow Agent:Sloth Flow', 1);
    assert.ok(performance.now() - started >= 12 * 4);
    assert.equal((await said(server, 'Chatty Agent:Multi Flow', 3)).length, 3);
    assert.equal((await history(server, SILENT)).length, 1);
  });

  it('serve an activation under its full id', async (t) => {
    const server = await serve(t);
    const workflow = `acme:${ECHO}:My Activation`;
    assert.equal(await ask(server, 'Hi', workflow), 'Echo: Hi');
    assert.ok(
      server
        .report()
        .stored.every(({ workflowId, workflowType }) => workflowId === workflow && workflowType === ECHO),
    );
  });

  it('all answer heartbeats, and leave workflows without an agent unanswered', async (t) => {
    const server = await serve(t, { secondMs: 20 });
    const beat = (workflow: string, timeoutSeconds = 600) =>
      call(server, 'converse', { workflow, type: 'Heartbeat', participantId: JANE, timeoutSeconds });
    for (const name of ['Support Agent:Chat Flow', 'Slow Agent:Sloth Flow', 'Silent Agent:Silent Flow']) {
      assert.equal((await beat(name)).status, 200, name);
    }
    assert.equal((await beat('No Agent:No Flow', 5)).status, 408);
    assert.equal((await history(server, SILENT)).length, 2);
  });

  it('can be rewritten until reset', async (t) => {
    const server = await serve(t);
    const events = await stream(t, server, { workflow: ECHO });
    await server.control({
      fault: 'agent',
      workflow: ECHO,
      replies: [
        { messageType: 'Reasoning', text: 'Hm' },
        { text: 'Rewritten', data: { a: 1, b: 2 } },
      ],
    });
    assert.equal(await ask(server, 'x', ECHO), 'Rewritten');
    await events.have('Reasoning');
    await server.control({ fault: 'reset' });
    assert.equal(await ask(server, 'x', ECHO), 'Echo: x');
  });
});
