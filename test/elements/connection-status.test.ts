import { expect, fixture, html } from '@open-wc/testing';
import '../../src/index.ts';
import type { ConnectionStatusElement } from '../../src/elements/connection-status.ts';
import type { XiansProvider } from '../../src/elements/xians-provider.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { provided, WORKFLOW } from './support.ts';

const label = (status: ConnectionStatusElement) =>
  status.shadowRoot!.querySelector('[part=label]')?.textContent ?? '';

describe('connection-status', () => {
  let server: TestServer;
  beforeEach(async () => (server = await startServer()));
  afterEach(() => server.stop());

  async function mount(display = 'compact') {
    const provider = await fixture<XiansProvider>(
      provided(server, html`<connection-status display=${display}></connection-status>`),
    );
    const status = provider.querySelector('connection-status')!;
    await waitFor(() => label(status), 'the words are drawn');
    return { provider, status };
  }

  it('says that nothing is connected yet, and makes nothing connect', async () => {
    const { provider, status } = await mount();
    expect(label(status)).to.equal('Not connected yet');
    expect(status.state).to.equal('idle');
    expect(status.shadowRoot!.querySelector('[role=status]')).to.exist;
    await expect(status).to.be.accessible();
    expect(provider.client).to.equal(undefined);
  });

  it('also works without a provider', async () => {
    const status = await fixture<ConnectionStatusElement>(html`<connection-status></connection-status>`);
    await waitFor(() => label(status) === 'Not connected yet', 'the words');
    await expect(status).to.be.accessible();
  });

  it('follows the connection up and down, and shows when the next attempt is', async () => {
    const { status } = await mount();
    await status.retryNow();
    await waitFor(() => label(status) === 'Connected', 'connected');
    expect(status.getAttribute('state')).to.equal('live');
    await expect(status).to.be.accessible();

    await server.control({ fault: 'down' });
    await waitFor(() => /cannot be reached|lost/.test(label(status)), 'the trouble in words');
    await waitFor(() => status.shadowRoot!.querySelector('[part=retry]'), 'a button to try now');
    expect(status.shadowRoot!.textContent).to.match(/next try in \d+ s|trying now/);
    expect(label(status)).not.to.match(/\d/); // what is announced does not count seconds
    await expect(status).to.be.accessible();

    await server.control({ fault: 'up' });
    await status.retryNow();
    await waitFor(() => label(status) === 'Connected', 'connected again');
  });

  it('keeps the words for screen readers and a tooltip when it is a dot', async () => {
    const { status } = await mount('dot');
    await status.retryNow();
    await waitFor(() => label(status) === 'Connected', 'connected');
    expect(status.shadowRoot!.querySelector('title')!.textContent).to.equal('Connected');
    expect(status.getBoundingClientRect().width).to.be.below(30);
    await expect(status).to.be.accessible();
  });

  it('shows in its details how fast each way to the server is', async () => {
    const { status } = await mount('details');
    const text = () => status.shadowRoot!.querySelector('.channels')?.textContent.replace(/\s+/g, ' ') ?? '';
    await status.retryNow();
    await waitFor(() => /Live connection WebSocket .*Open · \d+ ms · up for/.test(text()), 'the hub');
    const chart = () => status.shadowRoot!.querySelector('figure svg')?.getAttribute('aria-label') ?? '';
    await waitFor(() => /^Round trip: \d+ ms now/.test(chart()), 'a round trip');
    await expect(status).to.be.accessible();
  });

  it('tells a slower channel, a server that is away and a sign-in that does not answer apart', async () => {
    const { provider, status } = await mount();
    // Somebody has to listen to something for a slower channel to be of use.
    provider.append(Object.assign(document.createElement('xians-chat'), { workflow: WORKFLOW }));
    await waitFor(() => label(status) === 'Connected', 'connected');

    await server.control({ fault: 'block-websockets', on: true });
    await server.control({ fault: 'drop-sockets' });
    await waitFor(() => label(status) === 'Connected over a slower channel', 'a slower channel', 20_000);
    await server.control({ fault: 'down' });
    await waitFor(() => label(status) === 'The server cannot be reached', 'nobody there', 25_000);
    await server.control({ fault: 'up' });

    provider.apiKey = undefined;
    provider.getToken = () => Promise.reject(new Error('Nobody there.'));
    await provider.connect();
    await waitFor(
      () => label(status) === 'The sign-in of this site does not work at the moment',
      'the sign-in',
      20_000,
    );
  });

  it('stops when it is removed and goes on when it is put back', async () => {
    const { provider, status } = await mount();
    await status.retryNow();
    await waitFor(() => label(status) === 'Connected', 'connected');
    status.remove();
    await provider.disconnect();
    provider.append(status);
    await waitFor(() => label(status) === 'Not connected yet', 'the present state');
    expect(status.state).to.equal('idle');
  });
});
