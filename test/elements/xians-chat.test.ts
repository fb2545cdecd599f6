import { expect, fixture, html, oneEvent } from '@open-wc/testing';
import { sendKeys, setViewport } from '@web/test-runner-commands';
import '../../src/index.ts';
import type { XiansErrorEvent } from '../../src/elements/events.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';

const launcherOf = (chat: XiansChat) => chat.shadowRoot!.querySelector<HTMLElement>('.launcher')!;
const windowOf = (chat: XiansChat) => chat.shadowRoot!.querySelector<HTMLElement>('#window');
const loaded = (chat: XiansChat) =>
  waitFor(() => chat.shadowRoot!.querySelector('#window.window:not(.waiting)'), 'the view is there');

/** What `call` is rejected with; fails if it is not, and runs into the test's time limit if it never settles. */
const rejection = (call: Promise<unknown>): Promise<RealtimeError> =>
  call.then(
    () => expect.fail('The call went through.'),
    (error: unknown) => error as RealtimeError,
  );

let tenants = 0;

/** A bubble whose server never answers; a tenant of its own, so that no test meets the client of another. */
const bubble = () =>
  fixture<XiansChat>(html`
    <xians-chat
      display="bubble"
      server-url="http://127.0.0.1:9"
      tenant-id=${`tenant-${++tenants}`}
      participant-id="jane"
      api-key="sk-Xnai-test"
      workflow="Support Agent:Chat Flow"
    ></xians-chat>
  `);

describe('xians-chat', () => {
  it('is inline, closed and named "Chat" by default', async () => {
    const chat = await fixture<XiansChat>(html`<xians-chat></xians-chat>`);
    expect(chat.display).to.equal('inline');
    expect(chat.open).to.equal(false);
    expect(windowOf(chat)!.getAttribute('aria-label')).to.equal('Chat');
    expect(chat.client).to.equal(undefined);
  });

  it('counts an unknown display as inline', async () => {
    const chat = await fixture<XiansChat>(html`<xians-chat display="hologram"></xians-chat>`);
    expect(chat.display).to.equal('inline');
    expect(chat.shown).to.equal(true);
  });

  it('says in words and in an error that it has no connection', async () => {
    const chat = document.createElement('xians-chat');
    setTimeout(() => document.body.append(chat));
    const { error } = await oneEvent<XiansErrorEvent>(document.body, 'xians-error');
    expect(error.code).to.equal('input');
    expect(error.message).to.contain('server-url');
    await waitFor(() => chat.shadowRoot!.textContent.includes('not connected to a server'), 'the words');
    chat.remove();
  });

  it('says which attribute is missing', async () => {
    const chat = await fixture<XiansChat>(
      html`<xians-chat server-url="http://127.0.0.1:9" tenant-id="acme" token-url="/token"></xians-chat>`,
    );
    expect(chat.problem?.message).to.contain('workflow');
    chat.tenantId = '';
    await chat.updateComplete;
    expect(chat.problem?.message).to.contain('tenant-id');
  });

  it('reads suggestions as JSON or separated by bars', async () => {
    const chat = await fixture<XiansChat>(html`<xians-chat suggestions="Prices | Hours"></xians-chat>`);
    expect(chat.suggestions).to.deep.equal(['Prices', 'Hours']);
    chat.setAttribute('suggestions', '["A | B", 7, "C"]');
    expect(chat.suggestions).to.deep.equal(['A | B', 'C']);
  });

  describe('as a bubble', () => {
    it('loads no client, opens on a click, and closes on Escape with focus back on the button', async () => {
      const chat = await bubble();
      const launcher = launcherOf(chat);
      expect(chat.client).to.equal(undefined);
      expect(windowOf(chat)).to.equal(null);
      expect(launcher.getAttribute('aria-expanded')).to.equal('false');
      expect(launcher.getBoundingClientRect().width).to.be.at.least(44);
      await expect(chat).to.be.accessible();

      setTimeout(() => launcher.click());
      await oneEvent(chat, 'xians-opened');
      expect(launcher.getAttribute('aria-expanded')).to.equal('true');
      await loaded(chat);
      await waitFor(() => chat.shadowRoot!.activeElement?.localName === 'textarea', 'focus in the composer');

      setTimeout(() => void sendKeys({ press: 'Escape' }));
      await oneEvent(chat, 'xians-closed');
      expect(chat.open).to.equal(false);
      await waitFor(() => chat.shadowRoot!.activeElement === launcher, 'focus on the button');
    });

    it('leaves the button out of the way where the window covers the screen', async () => {
      await setViewport({ width: 390, height: 700 });
      const chat = await bubble();
      const shown = () => getComputedStyle(launcherOf(chat)).visibility;
      expect(shown()).to.equal('visible');
      launcherOf(chat).click();
      await loaded(chat);
      await waitFor(() => shown() === 'hidden', 'no button behind the window');
      await expect(chat).to.be.accessible();
      chat.hide();
      await waitFor(() => chat.shadowRoot!.activeElement === launcherOf(chat), 'focus on the button');
      await setViewport({ width: 1000, height: 700 });
    });

    it('keeps the draft while closed', async () => {
      const chat = await bubble();
      chat.show();
      await loaded(chat);
      chat.prefill('half a sentence');
      chat.hide();
      await chat.updateComplete;
      chat.show();
      await chat.updateComplete;
      expect(chat.shadowRoot!.querySelector('textarea')!.value).to.equal('half a sentence');
    });

    it('is accessible when open', async () => {
      const chat = await bubble();
      chat.show();
      await loaded(chat);
      await expect(chat).to.be.accessible();
    });
  });

  it('waits for consent before it loads anything, and says so', async () => {
    const chat = await fixture<XiansChat>(html`
      <xians-chat
        consent="pending"
        server-url="http://127.0.0.1:9"
        tenant-id="acme"
        participant-id="jane"
        api-key="sk-Xnai-test"
        workflow="Support Agent:Chat Flow"
        ><a href="#contact">Write to us</a></xians-chat
      >
    `);
    expect(chat.consentNeeded).to.equal(true);
    expect(windowOf(chat)!.textContent).to.contain('allowed it');
    await expect(chat).to.be.accessible();
    expect(chat.client).to.equal(undefined);
    chat.consent = true;
    await waitFor(() => chat.client, 'the client');
  });

  for (const value of ['', 'false', 'TRUE']) {
    it(`takes consent="${value}" for consent that is not given`, async () => {
      const chat = await fixture<XiansChat>(html`
        <xians-chat
          consent=${value}
          server-url="http://127.0.0.1:9"
          tenant-id=${`tenant-${++tenants}`}
          participant-id="jane"
          api-key="sk-Xnai-test"
          workflow="Support Agent:Chat Flow"
        ></xians-chat>
      `);
      expect(chat.consentNeeded).to.equal(true);
      const refused = await rejection(chat.send('too early'));
      expect(refused).to.have.property('code', 'input');
      expect(chat.client).to.equal(undefined);
      chat.removeAttribute('consent');
      await waitFor(() => chat.client, 'nobody asks for consent any more');
    });
  }

  it('rejects every call that needs a client while it is not in a document', async () => {
    const chat = document.createElement('xians-chat');
    const calls = [
      () => chat.send('x'),
      () => chat.exportTranscript(),
      () => chat.deleteConversation(),
      () => chat.logout(),
    ];
    const codesOf = async () => Promise.all(calls.map(async (call) => (await rejection(call())).code));
    expect(await codesOf()).to.deep.equal(['input', 'input', 'input', 'input']);
    document.body.append(chat);
    await chat.updateComplete;
    chat.remove();
    expect(await codesOf(), 'after it was removed').to.deep.equal(['input', 'input', 'input', 'input']);
  });

  describe('what the visitor has written and not sent', () => {
    it('is gone for the next participant', async () => {
      const chat = await bubble();
      chat.show();
      await loaded(chat);
      chat.prefill('for my eyes only');
      await chat.updateComplete;
      chat.participantId = 'joe';
      await chat.updateComplete;
      expect(chat.draft).to.equal('');
      expect(chat.shadowRoot!.querySelector('textarea')!.value).to.equal('');
    });

    it('is gone after the credential was taken away', async () => {
      const chat = await bubble();
      chat.prefill('for my eyes only');
      await chat.updateComplete;
      chat.apiKey = undefined;
      await chat.updateComplete;
      expect(chat.draft).to.equal('');
    });

    it('stays when the first connection comes, when consent is asked for again, and when the chat is moved', async () => {
      const chat = document.createElement('xians-chat');
      chat.prefill('half a sentence');
      document.body.append(chat);
      await chat.updateComplete;
      Object.assign(chat, {
        serverUrl: 'http://127.0.0.1:9',
        tenantId: `tenant-${++tenants}`,
        participantId: 'jane',
        apiKey: 'sk-Xnai-test',
        workflow: 'Support Agent:Chat Flow',
      });
      await chat.updateComplete;
      chat.consent = false;
      await chat.updateComplete;
      chat.consent = true;
      await chat.updateComplete;
      const elsewhere = await fixture<HTMLElement>(html`<div></div>`);
      chat.remove();
      await chat.updateComplete;
      elsewhere.append(chat);
      await chat.updateComplete;
      expect(chat.draft).to.equal('half a sentence');
    });
  });

  it('lets the page change or cancel a message before it is queued', async () => {
    const chat = await bubble();
    chat.addEventListener('xians-before-send', (event) => event.preventDefault(), { once: true });
    expect(await chat.send('secret')).to.equal(undefined);
    expect(chat.client).to.equal(undefined);

    chat.addEventListener('xians-before-send', (event) => (event.message = { text: 'changed' }));
    const receipt = await chat.send('original');
    expect(receipt?.requestId).to.be.a('string');
    expect(chat.conversation!.messages.map(({ text }) => text)).to.deep.equal(['changed']);
  });
});
