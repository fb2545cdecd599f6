import { expect } from '@open-wc/testing';
import '../../src/xians-widgets.ts';
import { defineElements } from '../../src/elements/define.ts';
import { takeOverQueue, type Command, type CommandQueue } from '../../src/elements/script-tag.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { API_KEY, newVisitor, WORKFLOW } from './support.ts';

const page = window as Window & { XiansWidgets?: CommandQueue | Command[] };
const chats = () => [...document.querySelectorAll<XiansChat>('body > xians-chat')];
let copies = 0;

/** Loads the script as a page would, in an address of its own so that it runs again. */
async function load(attributes: Record<string, string>, address = `/src/xians-widgets.ts?copy=${++copies}`) {
  const script = document.createElement('script');
  script.type = 'module';
  script.src = address;
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(`data-${name}`, value);
  const ended = new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
  });
  document.head.append(script);
  await ended;
  return script;
}

describe('the script tag', () => {
  let server: TestServer;
  let warnings: string[];
  const { warn } = console;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
    warnings = [];
    console.warn = (...words: unknown[]) => void warnings.push(words.join(' '));
    delete page.XiansWidgets;
  });
  afterEach(async () => {
    console.warn = warn;
    chats().forEach((chat) => chat.remove());
    document.querySelectorAll('script[data-server-url]').forEach((script) => script.remove());
    await server.stop();
  });

  const settings = () => ({
    'server-url': server.url,
    'tenant-id': 'acme',
    'participant-id': newVisitor(),
    'api-key': API_KEY,
    workflow: WORKFLOW,
  });

  it('adds one closed bubble with its data attributes, and asks the server for nothing', async () => {
    await load({ ...settings(), heading: 'Help', onclick: 'alert(1)' });
    const [chat, ...others] = chats();
    expect(others).to.deep.equal([]);
    expect(chat!.display).to.equal('bubble');
    expect(chat!.heading).to.equal('Help');
    expect(chat!.open).to.equal(false);
    expect(chat!.hasAttribute('onclick')).to.equal(false);
    await chat!.updateComplete;
    expect((await server.report()).received).to.deep.equal([]);
  });

  it('takes data-consent without a value for consent that is not given', async () => {
    await load({ ...settings(), consent: '' });
    const [chat] = chats();
    chat!.show();
    await waitFor(() => chat!.shadowRoot!.textContent.includes('allowed it'), 'words about it');
    expect((await server.report()).received).to.deep.equal([]);
    page.XiansWidgets!.push(['chat.consent', true]);
    await waitFor(() => chat!.client, 'the client');
  });

  it('runs the commands queued before, then those pushed later at once', async () => {
    const received: string[] = [];
    page.XiansWidgets = [
      [
        'on',
        'message-received',
        (event: HTMLElementEventMap['xians-message-received']) => received.push(event.message.author),
      ],
      ['chat.prefill', 'Hello'],
      ['chat.show'],
    ];
    await load(settings());
    const chat = chats()[0]!;
    expect(chat.open).to.equal(true);
    expect(chat.draft).to.equal('Hello');
    page.XiansWidgets.push(['chat.toggle']);
    expect(chat.open).to.equal(false);
    page.XiansWidgets.push(['chat.send', 'What are your prices?']);
    await waitFor(
      async () => (await server.report()).stored.length >= 2,
      'the message and its answer are stored',
    );
    await waitFor(() => received.includes('agent'), 'the answer arrived in the closed chat');
    expect(warnings).to.deep.equal([]);
  });

  it('says so when a command is unknown or fails, and goes on', async () => {
    page.XiansWidgets = [
      ['chat.dance'],
      ['toString'],
      'nonsense' as unknown as Command,
      ['chat.prefill', 'still here'],
    ];
    await load(settings());
    expect(chats()[0]!.draft).to.equal('still here');
    expect(warnings.filter((words) => words.includes('unknown command'))).to.have.length(3);
    chats()[0]!.remove();
    page.XiansWidgets.push(['chat.show']);
    await waitFor(() => warnings.some((words) => words.includes('no xians-chat')), 'a warning');
  });

  it('adds one chat when the tag is pasted twice, and two for two different ones', async () => {
    const same = settings();
    await load(same);
    await load(same);
    expect(chats()).to.have.length(1);
    await load(settings());
    expect(chats()).to.have.length(2);
  });

  it('leaves a queue alone that another copy has taken over', () => {
    const taken: CommandQueue = { push: () => {} };
    page.XiansWidgets = taken;
    takeOverQueue();
    expect(page.XiansWidgets).to.equal(taken);
  });

  it('leaves tags of another copy as they are, and says so once', () => {
    class Foreign extends HTMLElement {}
    const defined = new Map<string, unknown>([['xians-chat', Foreign]]);
    const scope = {
      customElements: {
        get: (tag: string) => defined.get(tag),
        define: (tag: string, element: unknown) => defined.set(tag, element),
      },
    } as unknown as typeof globalThis;
    defineElements(scope);
    defineElements(scope);
    expect(defined.get('xians-chat')).to.equal(Foreign);
    expect([...defined.keys()].sort()).to.deep.equal([
      'connection-status',
      'incident-feed',
      'xians-chat',
      'xians-provider',
    ]);
    expect(warnings).to.have.length(1);
  });

  it('forgets everything about the visitor on provider.logout', async () => {
    await load(settings());
    const chat = chats()[0]!;
    await chat.send('remember me');
    await waitFor(() => chat.conversation?.messages.length, 'a message');
    page.XiansWidgets!.push(['provider.logout']);
    await waitFor(() => chat.conversation?.messages.length === 0, 'nothing is left');
  });
});
