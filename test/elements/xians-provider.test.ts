import { expect, fixture, html, oneEvent } from '@open-wc/testing';
import '../../src/index.ts';
import type { ConnectionStatusElement } from '../../src/elements/connection-status.ts';
import type { XiansErrorEvent } from '../../src/elements/events.ts';
import type { XiansChat } from '../../src/elements/xians-chat.ts';
import { XiansProvider } from '../../src/elements/xians-provider.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { API_KEY, newVisitor, provided, WORKFLOW } from './support.ts';

const chatIn = (parent: ParentNode) => parent.querySelector<XiansChat>('xians-chat')!;
const inline = html`<xians-chat workflow=${WORKFLOW}></xians-chat>`;
const closed = html`<xians-chat workflow=${WORKFLOW} display="bubble"></xians-chat>`;
const live = (provider: XiansProvider) =>
  waitFor(() => provider.client?.state === 'live', 'the client is live');

describe('xians-provider', () => {
  let server: TestServer;
  beforeEach(async () => (server = await startServer({ agentDelayMs: 20 })));
  afterEach(() => server.stop());

  it('shows nothing itself and loads no client before something needs it', async () => {
    const provider = await fixture<XiansProvider>(provided(server, closed));
    await chatIn(provider).updateComplete;
    expect(getComputedStyle(provider).display).to.equal('contents');
    expect(provider.client).to.equal(undefined);
    await expect(provider).to.be.accessible();
    expect((await server.report()).received).to.deep.equal([]);
  });

  it('connects on connect(), tells the states, and stops on disconnect()', async () => {
    const provider = await fixture<XiansProvider>(provided(server, html``));
    const states: string[] = [];
    provider.addEventListener('xians-state-changed', (event) => states.push(event.to));
    const client = await provider.connect();
    expect(client).to.equal(provider.client);
    await live(provider);
    expect(states[0]).to.equal('connecting');
    expect(states.at(-1)).to.equal('live');
    await provider.disconnect();
    await waitFor(() => states.at(-1) === 'idle', 'idle again');
    await waitFor(async () => (await server.report()).connections.hub === 0, 'no socket left');
  });

  it('rejects calls while it is not in a document', async () => {
    const provider = document.createElement('xians-provider');
    for (const call of [() => provider.connect(), () => provider.logout()]) {
      const refused = await call().catch((error: unknown) => error);
      expect(refused).to.have.property('code', 'input');
    }
    await provider.disconnect();
  });

  it('asks for nothing with an attribute consent that has no value', async () => {
    const provider = await fixture<XiansProvider>(html`
      <xians-provider
        consent
        server-url=${server.url}
        tenant-id="acme"
        participant-id=${newVisitor()}
        api-key=${API_KEY}
        >${inline}</xians-provider
      >
    `);
    await waitFor(() => chatIn(provider).consentNeeded, 'the chat knows');
    const refused = await provider.connect().catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'input');
    expect((await server.report()).received).to.deep.equal([]);
  });

  it('clears what was written in the chats inside when its participant changes', async () => {
    const provider = await fixture<XiansProvider>(provided(server, inline));
    const chat = chatIn(provider);
    await live(provider);
    chat.prefill('for my eyes only');
    await chat.updateComplete;
    provider.participantId = newVisitor();
    await waitFor(() => chat.draft === '', 'the draft is gone');
    await waitFor(() => chat.shadowRoot!.querySelector('textarea')?.value === '', 'also from the field');
  });

  it('reports attributes that are missing, as a typed error and in the words of the elements inside', async () => {
    const provider = document.createElement('xians-provider');
    const chat = Object.assign(document.createElement('xians-chat'), { workflow: WORKFLOW });
    const status = document.createElement('connection-status');
    provider.append(chat, status);
    setTimeout(() => document.body.append(provider));
    const { error } = await oneEvent<XiansErrorEvent>(provider, 'xians-error');
    expect(error.code).to.equal('input');
    expect(error.message).to.contain('server-url');
    await waitFor(() => status.shadowRoot!.textContent.includes('server-url'), 'words in the status');
    await waitFor(() => chat.problem?.message.includes('server-url'), 'words in the chat');
    provider.remove();
  });

  it('reports once what it can do without, and connects', async () => {
    const provider = await fixture<XiansProvider>(provided(server, inline));
    const problems: string[] = [];
    provider.addEventListener('xians-error', ({ error }) => problems.push(error.message));
    provider.setAttribute('metrics-url', 'http://[');
    await live(provider);
    provider.setAttribute('locale', 'de');
    await provider.updateComplete;
    expect(problems).to.deep.equal(['The attribute metrics-url is not a web address.']);
    expect(provider.client!.options).not.to.have.property('metricsUrl');
  });

  it('tells its client what to measure, to report and to listen for', async () => {
    const provider = await fixture<XiansProvider>(provided(server, closed));
    provider.setAttribute('metrics-url', `${server.url}/demo/metrics`);
    provider.setAttribute('metrics-format', 'otlp');
    provider.setAttribute('errors-url', `${server.url}/demo/errors`);
    provider.setAttribute('alerts-workflow', WORKFLOW);
    provider.setAttribute('alerts-topic', 'eu');
    provider.setAttribute('tracing', 'never');
    const { options } = await provider.connect();
    expect(options).to.include({
      metricsUrl: `${server.url}/demo/metrics`,
      metricsFormat: 'otlp',
      errorsUrl: `${server.url}/demo/errors`,
      alertsWorkflow: WORKFLOW,
      alertsTopic: 'eu',
      tracing: 'never',
    });
  });

  it('shares one client between elements with equal attributes, wherever they stand', async () => {
    const visitor = newVisitor();
    const parent = await fixture(html`
      <div>
        ${provided(server, inline, visitor)}
        ${provided(server, html`<connection-status></connection-status>`, visitor.toUpperCase())}
        <xians-chat
          server-url="${server.url}/"
          tenant-id="acme"
          participant-id=${visitor}
          api-key=${API_KEY}
          workflow=${WORKFLOW}
        ></xians-chat>
      </div>
    `);
    const [one, two] = parent.querySelectorAll('xians-provider');
    const own = [...parent.querySelectorAll('xians-chat')].at(-1)!;
    await live(one!);
    expect(two!.client).to.equal(one!.client);
    expect(own.client).to.equal(one!.client);
    await waitFor(async () => (await server.report()).connections.hub === 1, 'one socket');
  });

  it('shares nothing between tenants or participants', async () => {
    const jane = newVisitor();
    const parent = await fixture(html`
      <div>
        ${provided(server, inline, jane)} ${provided(server, inline)}
        <xians-provider
          server-url=${server.url}
          tenant-id="globex"
          participant-id=${jane}
          api-key="sk-Xnai-dev-globex"
          >${inline}</xians-provider
        >
      </div>
    `);
    const providers = [...parent.querySelectorAll('xians-provider')];
    await Promise.all(providers.map(live));
    expect(new Set(providers.map(({ client }) => client)).size).to.equal(3);
    await chatIn(providers[0]!).send('for acme only');
    await waitFor(async () => (await server.report()).stored.length >= 2, 'the message and its answer');
    expect(chatIn(providers[2]!).conversation!.messages).to.deep.equal([]);
    expect((await server.report()).stored.every(({ tenantId }) => tenantId === 'acme')).to.equal(true);
  });

  it('takes one new client when several attributes change', async () => {
    const provider = await fixture<XiansProvider>(provided(server, inline));
    await live(provider);
    const before = provider.client!;
    provider.participantId = newVisitor();
    provider.tenantId = 'globex';
    provider.apiKey = 'sk-Xnai-dev-globex';
    await waitFor(() => provider.client && provider.client !== before, 'another client');
    await live(provider);
    expect(provider.client!.options.tenantId).to.equal('globex');
    await waitFor(() => before.state === 'closed', 'the first client is gone');
    await waitFor(async () => (await server.report()).connections.hub === 1, 'one socket');
  });

  it('keeps its client when it is moved, and drops it when it is removed', async () => {
    const provider = await fixture<XiansProvider>(provided(server, inline));
    await live(provider);
    const client = provider.client!;
    const elsewhere = document.createElement('div');
    document.body.append(elsewhere);
    elsewhere.append(provider);
    await chatIn(provider).updateComplete;
    expect(provider.client).to.equal(client);
    expect(client.state).to.equal('live');
    elsewhere.remove();
    expect(provider.client).to.equal(undefined);
    await waitFor(() => client.state === 'closed', 'closed');
    document.body.append(provider);
    await live(provider);
    expect(provider.client).not.to.equal(client);
    await waitFor(() => chatIn(provider).conversation, 'the chat is back');
    provider.remove();
  });

  it('serves an element that is moved from one provider to another', async () => {
    const parent = await fixture(html`<div>${provided(server, inline)}${provided(server, html``)}</div>`);
    const [one, two] = parent.querySelectorAll('xians-provider');
    const chat = chatIn(one!);
    await waitFor(() => chat.conversation, 'a conversation');
    const first = chat.client;
    two!.append(chat);
    await waitFor(() => chat.client && chat.client !== first, 'the other client');
    expect(chat.client).to.equal(two!.client);
    await waitFor(() => chat.conversation, 'a conversation again');
    parent.append(chat);
    await waitFor(() => chat.problem?.code === 'input', 'outside of both it says so');
    expect(chat.client).to.equal(undefined);
  });

  it('serves elements that were there before it was defined', async () => {
    class LateProvider extends XiansProvider {}
    const late = document.createElement('late-provider');
    late.append(
      Object.assign(document.createElement('xians-chat'), { workflow: WORKFLOW, display: 'bubble' }),
      document.createElement('connection-status'),
    );
    document.body.append(late);
    const status = late.querySelector<ConnectionStatusElement>('connection-status')!;
    await status.updateComplete;
    customElements.define('late-provider', LateProvider);
    const provider = late as LateProvider;
    provider.serverUrl = server.url;
    provider.tenantId = 'acme';
    provider.participantId = newVisitor();
    provider.apiKey = API_KEY;
    await provider.connect();
    await waitFor(() => status.state === 'live', 'the status follows');
    expect(chatIn(provider).client).to.equal(provider.client);
    late.remove();
  });

  it('asks for nothing until consent is given, and lets go when it is withdrawn', async () => {
    const provider = await fixture<XiansProvider>(html`
      <xians-provider
        consent="pending"
        server-url=${server.url}
        tenant-id="acme"
        participant-id=${newVisitor()}
        api-key=${API_KEY}
        >${inline}</xians-provider
      >
    `);
    const chat = chatIn(provider);
    await waitFor(() => chat.consentNeeded, 'the chat knows');
    const refused = await provider.connect().catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'input');
    const unsent = await chat.send('too early').catch((error: unknown) => error);
    expect(unsent).to.have.property('code', 'input');
    expect(provider.client).to.equal(undefined);
    expect((await server.report()).received).to.deep.equal([]);
    await expect(chat).to.be.accessible();

    provider.setAttribute('consent', 'true');
    await live(provider);
    const client = provider.client!;
    provider.consent = false;
    await waitFor(() => client.state === 'closed', 'closed after consent is withdrawn');
    await waitFor(async () => (await server.report()).connections.hub === 0, 'no socket left');
  });

  it('puts no credential into the page', async () => {
    const provider = await fixture<XiansProvider>(html`
      <xians-provider
        server-url=${server.url}
        tenant-id="acme"
        participant-id=${newVisitor()}
        .apiKey=${API_KEY}
        >${inline}<connection-status></connection-status
      ></xians-provider>
    `);
    await live(provider);
    const chat = chatIn(provider);
    await waitFor(() => chat.shadowRoot!.querySelector('.window'), 'the view');
    const everything = [provider, chat, provider.querySelector('connection-status')!]
      .map((element) => element.outerHTML + element.shadowRoot!.innerHTML)
      .join();
    expect(everything).not.to.contain('sk-Xnai');
    expect(JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie).not.to.contain(
      'sk-',
    );
  });
});
