import { expect, fixture, html, oneEvent } from '@open-wc/testing';
import '../../src/index.ts';
import type { XiansHandoffEvent } from '../../src/elements/message-events.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { API_KEY, newVisitor, WORKFLOW } from './support.ts';

describe('xians-chat with a server', () => {
  let server: TestServer;
  beforeEach(async () => (server = await startServer({ agentDelayMs: 20 })));
  afterEach(() => server.stop());

  async function mount({ display = 'inline', workflow = WORKFLOW, visitor = newVisitor() } = {}) {
    const chat = await fixture<XiansChat>(html`
      <xians-chat
        server-url=${server.url}
        tenant-id="acme"
        participant-id=${visitor}
        api-key=${API_KEY}
        workflow=${workflow}
        display=${display}
        handoff-workflows="Billing Agent:Billing Flow"
      ></xians-chat>
    `);
    return { chat, visitor };
  }

  const texts = (chat: XiansChat) => chat.conversation?.messages.map(({ text }) => text) ?? [];
  const live = (chat: XiansChat) => waitFor(() => chat.client?.state === 'live', 'the client is live');

  it('tells queued, sent and received, in that order, with the message', async () => {
    const { chat } = await mount();
    const events: string[] = [];
    for (const type of ['queued', 'sent', 'received'] as const) {
      chat.addEventListener(`xians-message-${type}`, (event) =>
        events.push(`${type} ${event.message.author}`),
      );
    }
    const receipt = await chat.send({ text: 'Hello', data: { page: '/pricing' } });
    await waitFor(() => events.includes('received agent'), 'the answer');
    expect(events).to.deep.equal(['queued participant', 'sent participant', 'received agent']);
    const { stored } = await server.report();
    expect(stored[0]).to.include({ requestId: receipt!.requestId, text: 'Hello' });
    expect(stored[0]!.data).to.deep.equal({ page: '/pricing' });
  });

  it('hears the answer to a message sent from a closed bubble', async () => {
    const { chat } = await mount({ display: 'bubble' });
    await chat.send('Hello');
    const { message } = await oneEvent<HTMLElementEventMap['xians-message-received']>(
      chat,
      'xians-message-received',
    );
    expect(message.author).to.equal('agent');
    expect(chat.open).to.equal(false);
    expect(chat.shadowRoot!.querySelector('#window')).to.equal(null);
  });

  it('sends a failed message again with the same request id, or forgets it', async () => {
    const { chat } = await mount();
    await live(chat);
    await server.control({ fault: 'hub-error', message: 'MessageType is required' });
    const failed = oneEvent<HTMLElementEventMap['xians-message-failed']>(chat, 'xians-message-failed');
    await chat.send('unlucky');
    const { message } = await failed;
    void chat.retry(message.requestId!);
    await waitFor(
      async () => (await server.report()).stored.some(({ requestId }) => requestId === message.requestId),
      'stored under its first id',
    );
    await server.control({ fault: 'hub-error', message: 'MessageType is required' });
    const again = oneEvent<HTMLElementEventMap['xians-message-failed']>(chat, 'xians-message-failed');
    await chat.send('forget me');
    expect(await chat.discard((await again).message.requestId!)).to.equal(true);
    expect(texts(chat)).not.to.include('forget me');
  });

  it('keeps a draft for each topic, until it is sent', async () => {
    const { chat } = await mount();
    await live(chat);
    chat.prefill('about everything');
    await chat.updateComplete;
    chat.topic = 'orders';
    await chat.updateComplete;
    expect(chat.draft).to.equal('');
    chat.prefill('about orders');
    await chat.updateComplete;
    chat.topic = undefined;
    await chat.updateComplete;
    expect(chat.draft).to.equal('about everything');
    chat.draft = ''; // as the composer does when it sends
    await chat.send('about everything');
    expect(chat.conversation!.draft).to.equal('');
    expect(chat.client!.conversation(WORKFLOW, 'orders').draft).to.equal('about orders');
  });

  it('forgets the draft at a sign-out that somebody else asked for', async () => {
    const { chat } = await mount();
    await live(chat);
    chat.prefill('for my eyes only');
    await chat.updateComplete;
    await chat.client!.logout();
    await waitFor(() => chat.draft === '', 'it is gone');
  });

  it('tells a handoff', async () => {
    const { chat, visitor } = await mount();
    await live(chat);
    const handoff = oneEvent<XiansHandoffEvent>(chat, 'xians-handoff');
    await server.control({
      fault: 'handoff',
      from: WORKFLOW,
      to: 'Billing Agent:Billing Flow',
      participantId: visitor,
    });
    expect((await handoff).to).to.equal('Billing Agent:Billing Flow');
  });

  it('keeps its conversation when it is moved, and has it again when it is put back', async () => {
    const { chat } = await mount();
    await chat.send('first');
    await waitFor(() => texts(chat).length >= 2, 'question and answer');
    const { client, conversation } = chat;
    const elsewhere = document.createElement('div');
    document.body.append(elsewhere);
    elsewhere.append(chat);
    await chat.updateComplete;
    expect(chat.client).to.equal(client);
    expect(chat.conversation).to.equal(conversation);
    expect(client!.state).to.equal('live');

    chat.remove();
    await waitFor(() => client!.state === 'closed', 'the client has ended');
    expect(chat.conversation).to.equal(undefined);
    elsewhere.append(chat);
    await waitFor(() => texts(chat)[0] === 'first' && texts(chat).length >= 2, 'everything is there again');
    expect(texts(chat).filter((text) => text === 'first')).to.have.length(1);
    elsewhere.remove();
  });

  it('turns to another conversation when its workflow changes', async () => {
    const { chat } = await mount({ workflow: 'Echo Agent:Echo Flow' });
    await chat.send('one');
    await waitFor(() => texts(chat).length >= 2, 'question and answer');
    chat.workflow = 'Silent Agent:Silent Flow';
    await waitFor(() => chat.conversation?.workflowId === 'acme:Silent Agent:Silent Flow', 'the other one');
    expect(texts(chat)).to.deep.equal([]);
    chat.workflow = 'no-colon';
    await waitFor(() => chat.problem?.code === 'input', 'a problem in words');
    await waitFor(() => chat.shadowRoot!.textContent.includes('Agent:Flow'), 'shown');
    chat.workflow = 'Echo Agent:Echo Flow';
    await waitFor(() => texts(chat).length >= 2, 'the first one again');
  });

  it('exports what was said', async () => {
    const { chat } = await mount({ workflow: 'Echo Agent:Echo Flow' });
    await chat.send('Ping');
    await waitFor(() => texts(chat).length >= 2, 'question and answer');
    expect(await chat.exportTranscript('markdown')).to.match(
      /^\*\*You\*\* \(\d{4}-.*\)\n\nPing\n\n\*\*Echo Agent\*\*/,
    );
    expect(await chat.exportTranscript('text')).to.match(/^You \(/);
    const [first] = JSON.parse(await chat.exportTranscript('json')) as Record<string, unknown>[];
    expect(first).to.include({ author: 'participant', text: 'Ping', workflow: 'Echo Agent:Echo Flow' });
  });

  it('refuses to export in a format that does not exist', async () => {
    const { chat } = await mount();
    const refused = await chat.exportTranscript('pdf' as 'text').catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(RealtimeError).with.property('code', 'input');
  });

  it('deletes the conversation on the server', async () => {
    const { chat } = await mount();
    await chat.send('Ping');
    await waitFor(() => texts(chat).length >= 2, 'question and answer');
    await chat.deleteConversation();
    expect(texts(chat)).to.deep.equal([]);
    expect((await server.report()).stored).to.deep.equal([]);
  });

  it('shows what the page offers instead, in words a screen reader announces, when it cannot work', async () => {
    const chat = await fixture<XiansChat>(html`
      <xians-chat server-url=${server.url} tenant-id="acme" token-url="/token"
        ><a href="#mail">Mail us</a></xians-chat
      >
    `);
    const slot = chat.shadowRoot!.querySelector<HTMLSlotElement>('slot:not([name])')!;
    expect(slot.assignedElements()).to.have.length(1);
    expect(chat.shadowRoot!.querySelector('[role=alert]')!.textContent).to.contain('workflow');
    await expect(chat).to.be.accessible();
    expect((await server.report()).received).to.deep.equal([]);
  });

  for (const display of ['inline', 'panel', 'page'] as const) {
    it(`is accessible as ${display}`, async () => {
      const { chat } = await mount({ display });
      chat.show();
      await waitFor(() => chat.shadowRoot!.querySelector('#window.window'), 'the view');
      await chat.send('Hello');
      await waitFor(() => texts(chat).length >= 2, 'question and answer');
      await expect(chat).to.be.accessible();
    });
  }
});
