import { expect, fixture, html } from '@open-wc/testing';
import '../../src/index.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { newVisitor, provided, WORKFLOW } from './support.ts';

describe('the chat window', () => {
  let server: TestServer;
  let visitor: string;

  beforeEach(async () => {
    server = await startServer({ agentDelayMs: 20 });
    visitor = newVisitor();
  });

  afterEach(() => server.stop());

  /** A chat in the page, connected, with its view loaded. */
  async function openChat(workflow = WORKFLOW): Promise<XiansChat> {
    const provider = await fixture(
      provided(
        server,
        html`<xians-chat
          workflow=${workflow}
          suggestions="Where is my order? | Talk to a person"
          handoff-workflows="Billing Agent:Billing Flow"
        ></xians-chat>`,
        visitor,
      ),
    );
    const chat = provider.querySelector('xians-chat');
    if (!chat) throw new Error('The chat is not in its provider.');
    await waitFor(() => chat.client?.state === 'live' && fieldOf(chat), 'the chat is live');
    return chat;
  }

  const $ = (chat: XiansChat, selector: string) => chat.renderRoot.querySelector<HTMLElement>(selector);
  const all = (chat: XiansChat, selector: string) => [
    ...chat.renderRoot.querySelectorAll<HTMLElement>(selector),
  ];
  const fieldOf = (chat: XiansChat) => chat.renderRoot.querySelector('textarea');
  const textsOf = (chat: XiansChat, side: 'own' | 'agent') =>
    all(chat, `.message.${side} .bubble`).map((bubble) => bubble.textContent.trim());

  async function type(chat: XiansChat, text: string): Promise<HTMLTextAreaElement> {
    const field = await waitFor(() => fieldOf(chat), 'the field is there');
    field.focus();
    field.value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
    await chat.updateComplete;
    return field;
  }

  /** Presses Enter; `keyCode` cannot be set through the constructor. */
  function pressEnter(field: HTMLElement, init: KeyboardEventInit = {}, keyCode = 13): boolean {
    const event = new KeyboardEvent('keydown', {
      key: 'Enter',
      bubbles: true,
      composed: true,
      cancelable: true,
      ...init,
    });
    Object.defineProperty(event, 'keyCode', { value: keyCode });
    return field.dispatchEvent(event);
  }

  async function say(chat: XiansChat, text: string): Promise<void> {
    pressEnter(await type(chat, text));
    await chat.updateComplete;
  }

  const publish = (parts: Record<string, unknown>) =>
    server.control({ fault: 'publish', workflow: WORKFLOW, participantId: visitor, ...parts });

  it('sends with Enter, keeps the focus and shows the reply', async () => {
    const chat = await openChat();
    await say(chat, 'What plans are there?');
    await waitFor(() => textsOf(chat, 'own')[0] === 'What plans are there?', 'the message is shown');
    expect(fieldOf(chat)?.value).to.equal('');
    expect(chat.renderRoot instanceof ShadowRoot && chat.renderRoot.activeElement).to.equal(fieldOf(chat));
    await waitFor(() => textsOf(chat, 'agent').length === 1, 'the reply is there');
    await waitFor(() => $(chat, '.state.answered'), 'the message is marked as answered');
  });

  it('reads a reply out once, and draws its Markdown', async () => {
    const chat = await openChat();
    await publish({ text: 'Here is **bold** text' });
    await waitFor(() => $(chat, '.rich strong'), 'Markdown is drawn');
    const status = () => all(chat, '[role=status]').map((node) => node.textContent);
    await waitFor(() => status().includes('Support Agent: Here is bold text'), 'it is read out');
    expect(status().filter((text) => text.includes('Here is')).length).to.equal(1);
    expect($(chat, '[role=log]')?.getAttribute('aria-live')).to.equal('off');
  });

  it('starts a new line with Shift and Enter, and leaves Enter to input methods', async () => {
    const chat = await openChat();
    const field = await type(chat, 'にほん');
    expect(pressEnter(field, { shiftKey: true }), 'Shift+Enter is not ours').to.equal(true);
    expect(pressEnter(field, { isComposing: true }), 'confirming a word').to.equal(true);
    expect(pressEnter(field, {}, 229), 'the same in Safari').to.equal(true);
    expect(textsOf(chat, 'own')).to.deep.equal([]);
    expect(pressEnter(field), 'a plain Enter is ours').to.equal(false);
    await waitFor(() => textsOf(chat, 'own').length === 1, 'the text is sent');
  });

  it('does not send blanks', async () => {
    const chat = await openChat();
    await say(chat, ' \n ');
    expect(textsOf(chat, 'own')).to.deep.equal([]);
    expect($(chat, '.send')?.matches(':disabled')).to.equal(true);
  });

  it('keeps a text that is too long and says why it cannot be sent', async () => {
    const chat = await openChat();
    const text = 'long '.repeat(8_000);
    await type(chat, text);
    expect($(chat, '.limit')?.textContent).to.contain('too long');
    await say(chat, text);
    await waitFor(() => $(chat, '.composer .banner'), 'the reason is shown');
    expect(fieldOf(chat)?.value).to.equal(text);
    await expect(chat).to.be.accessible();
    $(chat, '.composer .banner button')?.click();
    await chat.updateComplete;
    expect($(chat, '.composer .banner')).not.to.exist;
    expect(fieldOf(chat)?.value).to.equal(text);
  });

  it('keeps the text when the page cancels it', async () => {
    const chat = await openChat();
    chat.addEventListener('xians-before-send', (event) => event.preventDefault());
    await say(chat, 'never mind');
    await waitFor(() => fieldOf(chat)?.value === 'never mind', 'the text is back');
    expect(textsOf(chat, 'own')).to.deep.equal([]);
  });

  it('offers suggestions while nothing was said, and sends the one that is pressed', async () => {
    const chat = await openChat();
    const suggestion = await waitFor(() => $(chat, '.suggestions button'), 'suggestions are shown');
    await expect(chat).to.be.accessible();
    suggestion.click();
    await waitFor(() => textsOf(chat, 'own')[0] === 'Where is my order?', 'it is sent');
    expect($(chat, '.suggestions button')).not.to.exist;
  });

  it('collapses the steps of a request and names their number', async () => {
    const chat = await openChat('Research Agent:Deep Flow');
    await say(chat, 'limits');
    await waitFor(() => textsOf(chat, 'agent').length === 1, 'the answer is there');
    await waitFor(() => $(chat, '.progress'), 'the steps are folded');
    const progress = all(chat, '.progress');
    expect(progress.length).to.equal(1);
    expect(progress[0]?.querySelector('summary')?.textContent).to.contain('4 steps');
    progress[0]?.querySelector('summary')?.click();
    await waitFor(() => progress[0]?.querySelectorAll('li').length === 4, 'the steps are shown');
    await expect(chat).to.be.accessible();
  });

  it('says who took over', async () => {
    const chat = await openChat('Triage Agent:Front Desk');
    await say(chat, 'my invoice');
    await waitFor(() => $(chat, '.notice'), 'the notice is there');
    const notice = await waitFor(() => $(chat, '.handoff'), 'the handoff is drawn');
    expect(notice.textContent).to.match(
      /^\s*You are now talking to Billing Agent\s+Handed over by Triage Agent · /,
    );
    expect(notice.textContent).to.match(/Reason: billing question\s*$/);
    await expect(chat).to.be.accessible();
    await waitFor(() => all(chat, '.name').at(-1)?.textContent === 'Billing Agent', 'the new agent is named');
  });

  it('shows data as fields, escaped, and unknown types as text or a quiet line', async () => {
    const chat = await openChat();
    await publish({
      type: 'Data',
      data: { orderNumber: 7, note: '<img src=x>', deep: { a: 1 } },
    });
    await waitFor(() => $(chat, '.fields'), 'the fields are shown');
    expect($(chat, '.fields')?.textContent).to.contain('Order number');
    expect($(chat, '.fields')?.textContent).to.contain('<img src=x>');
    expect($(chat, '.fields img')).not.to.exist;
    await expect(chat).to.be.accessible();
  });

  it('shows a file with its name, type and size, and saves it as bytes that cannot run', async () => {
    const chat = await openChat();
    const file = {
      content: btoa('hello'),
      fileName: '../x/in\u202evoice.pdf',
      contentType: 'application/pdf',
      fileSize: 48211,
    };
    await publish({ type: 'File', text: 'Your invoice', data: { files: [file] } });
    const row = await waitFor(() => $(chat, '.files li'), 'the file is shown');
    expect(row.querySelector('bdi')?.textContent).to.equal('invoice.pdf');
    expect(row.textContent).to.contain('48.2 kB');
    const saved = new Promise<HTMLAnchorElement>((resolve) => {
      document.addEventListener(
        'click',
        (event) => {
          event.preventDefault();
          resolve(event.target as HTMLAnchorElement);
        },
        { once: true, capture: true },
      );
      HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
        document.body.append(this);
        this.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
        this.remove();
      };
    });
    $(chat, '.files .tool')?.dispatchEvent(new MouseEvent('click'));
    const link = await saved;
    Reflect.deleteProperty(HTMLAnchorElement.prototype, 'click');
    expect(link.download).to.equal('invoice.pdf');
    expect(link.href).to.match(/^blob:/);
  });

  it('writes its dates anew when the language of the provider changes', async () => {
    const chat = await openChat();
    await publish({ text: 'Hello' });
    await waitFor(() => $(chat, '.day')?.textContent.trim() === 'Today', 'the day in English');
    const provider = chat.closest('xians-provider');
    if (!provider) throw new Error('The chat is not in its provider.');
    provider.locale = 'de';
    await waitFor(() => $(chat, '.day')?.textContent.trim() === 'Heute', 'the day in German');
    expect(fieldOf(chat)?.getAttribute('aria-label')).to.equal('Nachricht');
  });

  it('keeps the reader where they are when earlier messages come', async () => {
    await server.control({
      fault: 'burst',
      workflow: WORKFLOW,
      participantId: visitor,
      count: 120,
      text: 'Line',
    });
    const chat = await openChat();
    await waitFor(() => textsOf(chat, 'agent').length >= 50, 'the newest page is there');
    const box = await waitFor(() => $(chat, '.transcript'), 'the transcript is there');
    await waitFor(() => box.scrollHeight - box.scrollTop - box.clientHeight < 5, 'it starts at the end');
    box.scrollTop = 0;
    box.dispatchEvent(new Event('scroll'));
    const first = all(chat, '.message')[0]?.querySelector('.bubble');
    const place = first?.getBoundingClientRect().top ?? 0;
    const shown = all(chat, '.message').length;
    $(chat, '.earlier button')?.click();
    await waitFor(() => all(chat, '.message').length > shown, 'earlier messages are there');
    expect(first?.isConnected, 'rows that were there stay').to.equal(true);
    expect(first?.getBoundingClientRect().top).to.be.closeTo(place, 2);
    expect(textsOf(chat, 'agent').at(-1)).to.equal('Line 120');
  });

  it('leaves a reader above alone and offers to show what is new', async () => {
    await server.control({
      fault: 'burst',
      workflow: WORKFLOW,
      participantId: visitor,
      count: 40,
      text: 'Line',
    });
    const chat = await openChat();
    await waitFor(() => textsOf(chat, 'agent').length === 40, 'the messages are there');
    const box = await waitFor(() => $(chat, '.transcript'), 'the transcript is there');
    box.scrollTop = 100;
    box.dispatchEvent(new Event('scroll'));
    await publish({ text: 'Something new' });
    const pill = await waitFor(() => $(chat, '.unseen'), 'the pill is shown');
    expect(box.scrollTop).to.be.closeTo(100, 2);
    await expect(chat).to.be.accessible();
    pill.click();
    await chat.updateComplete;
    expect(box.scrollHeight - box.scrollTop - box.clientHeight).to.be.lessThan(5);
    expect($(chat, '.unseen')).not.to.exist;
  });

  it('says that the server cannot be reached, keeps what is typed, and sends it afterwards', async () => {
    const chat = await openChat();
    await type(chat, 'half a thou');
    await server.control({ fault: 'down' });
    await waitFor(() => $(chat, '.banners .banner'), 'the banner is shown');
    expect(fieldOf(chat)?.value).to.equal('half a thou');
    await expect(chat).to.be.accessible();
    await say(chat, 'half a thought, kept');
    await waitFor(() => $(chat, '.state.queued'), 'the message waits');
    await server.control({ fault: 'up' });
    $(chat, '.banners button')?.click();
    await waitFor(() => $(chat, '.state.sent, .state.answered'), 'the message is sent');
    await waitFor(() => !$(chat, '.banners .banner'), 'the banner is gone');
  });

  it('cuts a reply of 20 MB and offers the rest as a download', async () => {
    const chat = await openChat();
    await server.control({
      fault: 'huge-reply',
      bytes: 20_000_000,
      workflow: WORKFLOW,
      participantId: visitor,
    });
    await waitFor(() => $(chat, '.whole'), 'the excerpt is shown');
    expect($(chat, '.message .plain')?.textContent.length).to.be.lessThan(30_000);
    expect(all(chat, '.whole button').map((button) => button.textContent.trim())).to.deep.equal([
      'Download as text',
    ]);
  });

  it('renders nothing again that did not change', async () => {
    const chat = await openChat();
    await publish({ text: 'A **settled** message' });
    const strong = await waitFor(() => $(chat, '.rich strong'), 'the message is drawn');
    await say(chat, 'another');
    await waitFor(() => textsOf(chat, 'agent').length === 2, 'the answer is there');
    expect(strong.isConnected).to.equal(true);
  });
});
