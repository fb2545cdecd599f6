import { expect } from '@open-wc/testing';
import '../../src/index.ts';
import type { XiansPreChatEvent } from '../../src/elements/chat-events.ts';
import { parsePreChat } from '../../src/elements/pre-chat-fields.ts';
import { XiansErrorEvent } from '../../src/elements/events.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { ComposerChat } from './composer-chat.ts';
import { newVisitor } from './support.ts';

const CONSENT = 'I agree that my answers are stored.';

describe('the questions before the chat', () => {
  let server: TestServer;
  let chat: ComposerChat;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
  });
  afterEach(() => server.stop());

  const ask = async (attributes: Readonly<Record<string, string>> = {}, visitor = newVisitor()) => {
    chat = await ComposerChat.mount(
      server,
      { 'pre-chat': 'name,email*', 'pre-chat-text': CONSENT, ...attributes },
      visitor,
    );
  };
  const input = (name: string) => chat.control(`.pre-chat [name=${name}]`);
  const focused = () => chat.element.shadowRoot!.activeElement;
  const problems = () => chat.words('.problem');

  async function start(): Promise<void> {
    chat.find('.start')!.click();
    await chat.element.updateComplete;
  }

  async function fillIn(): Promise<void> {
    await chat.finds('.pre-chat');
    input('name').value = ' Jane \u202Eenod\u0007 ';
    input('email').value = ' jane@example.com ';
    input('consent').checked = true;
    await start();
    await chat.finds('textarea:enabled');
  }

  /** What the server has of the visitor: text and data. */
  async function stored(): Promise<unknown[][]> {
    const report = await server.report();
    return report.stored
      .filter(({ direction }) => direction === 'Incoming')
      .map(({ text, data }) => [text, data]);
  }

  it('stand in place of the field, with names, and focus goes there', async () => {
    await ask();
    await chat.finds('.pre-chat');
    expect(chat.find('textarea')).to.equal(null);
    expect(chat.words('.pre-chat label')).to.deep.equal(['Name (optional)', 'E-mail', CONSENT]);
    expect([input('name').autocomplete, input('email').autocomplete]).to.deep.equal(['name', 'email']);
    await expect(chat.element).to.be.accessible();
  });

  it('take the focus that an opened window gives', async () => {
    await ask({ display: 'bubble', open: '' });
    await chat.finds('.pre-chat');
    chat.element.hide();
    await chat.element.updateComplete;
    chat.find('.launcher')!.click();
    await waitFor(() => focused() === input('name'), 'focus is in the first question');
  });

  it('say what is missing, at the top and beside it, and go to the first of it', async () => {
    await ask();
    await chat.finds('.pre-chat');
    await start();
    expect(chat.words('.pre-chat [role=alert]')).to.deep.equal(['Please check 2 fields.']);
    expect(problems()).to.deep.equal(['Please fill this in.', 'Please agree to this before you start.']);
    await waitFor(() => focused() === input('email'), 'focus');
    expect(input('email').getAttribute('aria-invalid')).to.equal('true');
    const description = input('email').getAttribute('aria-describedby')!;
    expect(chat.find(`#${description}`)!.textContent).to.equal('Please fill this in.');
    await expect(chat.element).to.be.accessible();

    input('email').value = 'nobody';
    input('consent').checked = true;
    await start();
    expect(chat.words('.pre-chat [role=alert]')).to.deep.equal(['Please check 1 field.']);
    expect(problems()).to.deep.equal(['Please write an e-mail address, like name@example.com.']);
    expect(await stored()).to.deep.equal([]);
  });

  it('tell the page, and go to the agent with the first message only', async () => {
    await ask();
    const events: XiansPreChatEvent[] = [];
    chat.element.addEventListener('xians-pre-chat', (event) => events.push(event));
    await fillIn();
    await waitFor(() => focused() === chat.field, 'focus is in the field');
    const visitor = { name: 'Jane enod', email: 'jane@example.com' };
    expect(events.map(({ values, agreedTo }) => [values, agreedTo])).to.deep.equal([[visitor, CONSENT]]);
    await chat.write('Hello');
    chat.press('Enter');
    await waitFor(async () => (await stored()).length === 1, 'the first message', 20_000);
    await chat.write('Again');
    chat.press('Enter');
    await waitFor(async () => (await stored()).length === 2, 'the second message', 20_000);
    expect(await stored()).to.deep.equal([
      ['Hello', { visitor }],
      ['Again', null],
    ]);
  });

  it('go nowhere when the page takes them', async () => {
    await ask();
    chat.element.addEventListener('xians-pre-chat', (event) => event.preventDefault());
    await fillIn();
    await chat.write('Hello');
    chat.press('Enter');
    await waitFor(async () => (await stored()).length === 1, 'the message', 20_000);
    expect(await stored()).to.deep.equal([['Hello', null]]);
  });

  it('are remembered until the first message is sent, and not asked of who has written before', async () => {
    const visitor = newVisitor();
    await ask({}, visitor);
    await fillIn();
    const memory = () => Object.keys(localStorage).filter((key) => key.includes('pre-chat'));
    expect(memory().length).to.equal(1);
    chat.element.remove();

    await ask({}, visitor);
    await chat.finds('textarea:enabled');
    expect(chat.find('.pre-chat')).to.equal(null);
    await chat.write('Hello');
    chat.press('Enter');
    await waitFor(async () => (await stored()).length === 1, 'the message', 20_000);
    expect((await stored())[0]![1]).to.deep.equal({
      visitor: { name: 'Jane enod', email: 'jane@example.com' },
    });
    expect(memory()).to.deep.equal([]);
    chat.element.remove();

    await ask({}, visitor);
    await chat.finds('textarea:enabled');
    expect(chat.find('.pre-chat')).to.equal(null);
  });

  it('are asked again after a sign-out, and nothing of the answers is left', async () => {
    await ask();
    await fillIn();
    await waitFor(() => chat.element.conversation?.loading === undefined, 'the conversation is known');
    await chat.element.updateComplete;
    await chat.element.logout();
    expect(JSON.stringify(Object.entries(localStorage))).not.to.contain('jane@example.com');
    await waitFor(() => chat.find('textarea:enabled') === null, 'the field is gone');
  });

  it('come before a suggestion, which waits in the field', async () => {
    await ask({ suggestions: 'Where is my order?' });
    await chat.finds('.pre-chat');
    chat.find('[part~=suggestion]')!.click();
    await waitFor(() => focused() === input('name'), 'focus is in the form');
    await fillIn();
    expect(chat.field.value).to.equal('Where is my order?');
    expect(await stored()).to.deep.equal([]);
  });

  it('may be only whether the visitor agrees', async () => {
    await ask({ 'pre-chat': '' });
    await chat.finds('.pre-chat');
    expect(chat.all('.pre-chat input').length).to.equal(1);
    input('consent').checked = true;
    await start();
    await chat.finds('textarea:enabled');
  });

  it('are left out when the page asks for what nobody can be asked, and the page is told', async () => {
    const errors: string[] = [];
    const listen = (event: Event) => {
      if (event instanceof XiansErrorEvent) errors.push(event.error.message);
    };
    document.addEventListener('xians-error', listen);
    await ask({ 'pre-chat': 'name,shoe-size', 'pre-chat-text': '' });
    await chat.finds('textarea:enabled');
    document.removeEventListener('xians-error', listen);
    expect(errors).to.deep.equal([
      'The attribute pre-chat can ask for name, email, phone, company, and not for "shoe-size".',
    ]);
  });
});

describe('the attribute pre-chat', () => {
  it('is a list with a star after what must be filled in', () => {
    expect(parsePreChat(' name, email*  phone,,name* ')).to.deep.equal([
      { name: 'name', required: true },
      { name: 'email', required: true },
      { name: 'phone', required: false },
    ]);
    expect(parsePreChat('')).to.deep.equal([]);
    expect(() => parsePreChat('age')).to.throw(RealtimeError);
  });
});
