import { expect, fixture, html } from '@open-wc/testing';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';
import { channel, type StatusHost } from './shown-client.ts';

describe('connection-status with display="details"', () => {
  let host: StatusHost;
  beforeEach(async () => {
    host = await fixture<StatusHost>(html`<test-status-host display="details"></test-status-host>`);
    await waitFor(() => find('dl'), 'the details are loaded');
    host.shown.probing = () => new Promise(() => {}); // others measure
  });

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const button = (part: string) => find(`[part="${part}"]`) as HTMLButtonElement | null;
  /** Names and values of the list, apart from what is always there. */
  const rows = () => {
    const { Tenant, Since, ...others } = Object.fromEntries(
      [...host.renderRoot.querySelectorAll('dt')].map((name) => [
        name.textContent,
        name.nextElementSibling?.textContent,
      ]),
    );
    expect(Tenant).to.equal('acme');
    expect(Since === undefined).to.equal(host.shown.state === 'idle');
    return others;
  };
  const text = (selector: string) =>
    [...host.renderRoot.querySelectorAll(selector)].map(({ textContent }) =>
      textContent.replace(/\s+/g, ' ').trim(),
    );

  it('says that nothing waits and nothing failed, and offers nothing', async () => {
    expect(rows()).to.deep.equal({ Waiting: '0', 'Not sent': '0', Saved: 'On this device' });
    expect(host.renderRoot.querySelectorAll('button').length).to.equal(0);
    await expect(host).to.be.accessible();
  });

  it('says what waits, since when, whether it is saved, and what could not be read', async () => {
    const oldestAt = new Date().setHours(0, 5, 0, 0);
    await host.set(
      { state: 'offline', reason: 'no-network', persisted: false, pending: 3 },
      { waiting: 3, quarantined: 1, oldestAt },
    );
    const { Oldest, ...others } = rows();
    expect(others).to.deep.equal({
      Waiting: '3',
      'Not sent': '0',
      Saved: 'No: keep this page open',
      Unreadable: '1',
    });
    expect(Oldest).to.match(/\D05/);
    await host.set({}, { oldestAt: oldestAt - 86_400_000 });
    expect(rows().Oldest?.length, 'with its day').to.be.greaterThan(Oldest?.length ?? 0);
    await expect(host).to.be.accessible();
  });

  it('claims nothing of storage that does not work while nothing waits', async () => {
    await host.set({ persisted: false }, {});
    expect(rows()).to.deep.equal({ Waiting: '0', 'Not sent': '0' });
    await host.set({ persisted: false, pending: 1 }, { waiting: 1 });
    expect(rows().Saved).to.equal('No: keep this page open');
  });

  it('leaves the counts out until it is known whose messages to count', async () => {
    for (const state of ['idle', 'connecting', 'waiting', 'offline', 'unauthorized'] as const) {
      await host.set({ state }, {});
      expect(rows(), state).to.deep.equal({});
      await host.set({ state, pending: 1 }, { waiting: 1 });
      expect(rows().Waiting, state).to.equal('1');
      await host.set({ state }, { waiting: 0 });
    }
    await host.set({ state: 'degraded', channel: 'sse' }, {});
    expect(rows()).to.include({ Waiting: '0' });
  });

  it('tells of each transport whether it works, how fast, for how long, and why not', async () => {
    const breaker = { state: 'open', failures: 3, waitMs: 12_000 } as const;
    host.shown.facts = {
      ...host.shown.facts,
      channels: [
        channel('rest', { latencyMs: 58.4 }),
        channel('hub', { state: 'closed', error: new RealtimeError('network', 'Refused.'), breaker }),
        channel('sse', { uptimeMs: 754_000, listeners: 4 }),
      ],
    };
    await host.set({ state: 'degraded', channel: 'sse' });
    expect(text('.channels li')).to.deep.equal([
      'Live connection WebSocket Paused after failures, next look in 12 sec',
      'Slower channel Server-sent events Open · up for 13 min · 4 listeners on one server instance, this page included',
      'Single requests HTTP Answered · 58 ms',
    ]);
    await expect(host).to.be.accessible();
    host.shown.facts = {
      ...host.shown.facts,
      channels: [
        channel('hub', { state: 'idle', since: undefined }),
        channel('sse', { state: 'closed', uptimeMs: 5_000, error: new RealtimeError('server', 'It broke.') }),
        channel('rest', { breaker: { ...breaker, state: 'half-open', waitMs: 0 } }),
      ],
    };
    await host.set({ state: 'waiting', reason: 'server-error' });
    expect(text('.channels li')).to.deep.equal([
      'Live connection WebSocket Not needed',
      'Slower channel Server-sent events The server has a problem. · was up for 5 sec',
      'Single requests HTTP Paused after failures, the next request is a look',
    ]);
    expect(find('.channels [title]')?.title).to.equal('It broke.');
  });

  it('leaves alone what failed earlier and is not needed now, here or while another tab is connected', async () => {
    const error = new RealtimeError('server', 'It broke.');
    const halfOpen = { state: 'half-open', failures: 3, waitMs: 0 } as const;
    const failed = [
      channel('sse', { state: 'closed', error }),
      channel('rest', { error, breaker: halfOpen }),
    ];
    const signs = () => [...host.renderRoot.querySelectorAll('.channels svg')].map((one) => one.classList[0]);
    host.shown.facts = { ...host.shown.facts, channels: [channel('hub'), ...failed] };
    await host.set({ state: 'live', channel: 'hub' });
    expect(text('.channels li')).to.deep.equal([
      'Live connection WebSocket Open',
      'Slower channel Server-sent events Not needed',
      'Single requests HTTP Not needed',
    ]);
    expect(signs()).to.deep.equal(['good', 'idle', 'idle']);
    expect(find('.channels [title]')).to.equal(null);

    host.shown.facts = { ...host.shown.facts, channels: failed };
    await host.set({ state: 'degraded', channel: 'sse', isShared: true });
    expect(signs()).to.deep.equal(['idle', 'idle']);
    await host.set({ state: 'waiting', reason: 'server-error', isShared: true });
    expect(signs(), 'needed again').to.deep.equal(['warn', 'bad']);
  });

  it('blames what failed: the sign-in, or what lets no WebSockets through', async () => {
    const hubAfter = async (error: RealtimeError, sse: 'open' | 'closed') => {
      const channels = [channel('hub', { state: 'closed', error }), channel('sse', { state: sse })];
      host.shown.facts = { ...host.shown.facts, channels };
      await host.set(sse === 'open' ? { state: 'degraded', channel: 'sse' } : { state: 'waiting' });
      return text('.channels li')[0]?.replace('Live connection WebSocket ', '');
    };
    for (const code of ['network', 'timeout'] as const) {
      const blocked = new RealtimeError(code, 'No answer.');
      expect(await hubAfter(blocked, 'open')).to.equal('WebSockets do not get through here.');
      expect(await hubAfter(blocked, 'closed')).to.equal('The server cannot be reached.');
    }
    expect(await hubAfter(new RealtimeError('server', 'No.'), 'open')).to.equal('The server has a problem.');
    for (const code of ['network', 'server', 'protocol'] as const) {
      const signIn = new RealtimeError(code, 'No.', { service: 'sign-in' });
      const sentence = 'The sign-in of this site does not work at the moment.';
      expect(await hubAfter(signIn, 'open'), code).to.equal(sentence);
    }
  });

  it('tells of the last gap, the sign-in, a pause of requests, and what is wrong for developers', async () => {
    host.shown.facts = {
      ...host.shown.facts,
      token: { held: true, renewing: false, expiresInMs: 244_000 },
      pausedMs: 12_000,
    };
    const error = new RealtimeError('server', 'The server had an internal problem.', { status: 500 });
    const lastGap = { at: new Date().setHours(14, 3), messages: 3 };
    await host.set({ error, lastGap });
    const { 'Last gap': gap, ...others } = rows();
    expect(gap).to.match(/^3 missed messages read at .*\D03/);
    expect(others).to.include({
      'Sign-in': 'Good for 4 min, then renewed',
      Requests: 'Wait for 12 sec',
      Technical: 'The server had an internal problem. (server, 500)',
    });
    host.shown.facts = { ...host.shown.facts, token: { held: true, renewing: true, expiresInMs: 1_000 } };
    await host.set({ lastGap: { ...lastGap, messages: 0 } });
    expect(rows()).to.include({ 'Sign-in': 'Being renewed' });
    expect(rows()).not.to.have.property('Last gap');
  });

  it('says what helps, and that another tab is connected', async () => {
    await host.set({ state: 'waiting', reason: 'intercepted' });
    await waitFor(() => find('[part=hint]')?.textContent.includes('sign-in page'), 'a hint');
    await host.set({ isShared: true });
    expect(text('.details > p')).to.deep.equal(['Another tab of this site is connected for this one.']);
  });

  it('counts down what rests, by the second', async () => {
    const breaker = { state: 'open', failures: 3, waitMs: 12_000 } as const;
    host.shown.facts = { ...host.shown.facts, channels: [channel('hub', { state: 'closed', breaker })] };
    await host.set({ state: 'degraded', channel: 'poll' });
    expect(text('.channels li')[0]).to.contain('in 12 sec');
    host.shown.facts = {
      ...host.shown.facts,
      channels: [channel('hub', { state: 'closed', breaker: { ...breaker, waitMs: 11_000 } })],
    };
    await waitFor(() => text('.channels li')[0]?.includes('in 11 sec'), 'the next second');
  });

  describe('whoever uses the keyboard', () => {
    const focused = () => host.shadowRoot?.activeElement;

    it('goes on from the button that is left when the one that was pressed goes', async () => {
      await host.set({ state: 'offline', reason: 'no-network', pending: 1, failed: 1 }, { failed: 1 });
      await waitFor(() => button('retry'), 'the button');
      button('retry-all')?.focus();
      await host.set({ state: 'offline', reason: 'no-network', pending: 1 }, { failed: 0, waiting: 1 });
      expect(focused()?.getAttribute('part')).to.equal('retry');
    });

    it('goes on from the element when no button is left, which is no stop for the Tab key', async () => {
      await host.set({ pending: 1, failed: 1 }, { failed: 1 });
      button('retry-all')?.focus();
      await host.set({}, { failed: 0 });
      expect(document.activeElement === host).to.equal(true);
      expect(host.tabIndex).to.equal(-1);
      host.blur();
      expect(host.hasAttribute('tabindex')).to.equal(false);
    });

    it('is left alone elsewhere', async () => {
      await host.set({ pending: 1, failed: 1 }, { failed: 1 });
      await host.set({}, { failed: 0 });
      expect(document.activeElement === host).to.equal(false);
    });
  });

  it('reads out what it does not show twice', async () => {
    await host.set({ state: 'offline', pending: 1 }, { waiting: 1 });
    const label = find('[part=label]');
    await waitFor(() => label?.textContent.startsWith('No network'), 'the words');
    expect(label?.textContent.replace(/\s+/g, ' ').trim()).to.equal(
      'No network on this device. 1 message waiting, saved on this device',
    );
    expect(label?.querySelector('.hush')).to.exist;
  });

  it('offers to try now while there is no connection', async () => {
    await host.set({ state: 'unauthorized', reason: 'credential-refused' }, {});
    await waitFor(() => button('retry'), 'the button');
    button('retry')?.click();
    expect(host.shown.calls).to.deep.equal(['retryNow']);
    await host.set({ state: 'waiting', reason: 'unreachable', until: Date.now() + 60_000 }, {});
    expect(host.renderRoot.querySelectorAll('[part=retry]').length, 'one button').to.equal(1);
  });

  it('sends all again that failed, and says why it cannot', async () => {
    await host.set({ pending: 2, failed: 2 }, { failed: 2 });
    expect(button('retry-all')?.textContent.replace(/\s+/g, ' ').trim()).to.equal('Retry all (2)');
    button('retry-all')?.click();
    expect(host.shown.calls).to.deep.equal(['retryAll']);
    host.shown.retrying = () => Promise.reject(new RealtimeError('storage', 'The disk is full.'));
    button('retry-all')?.click();
    await waitFor(() => find('.done')?.textContent === 'The disk is full.', 'the reason');
    await expect(host).to.be.accessible();
  });

  it('copies what failed, as the visitor wrote it', async () => {
    const letter = { conversation: 'c', workflow: 'w', topic: undefined, createdAt: 0, failedAt: 1 };
    const why = { reason: 'Refused.', code: 'server' };
    host.shown.letters = [
      { ...letter, ...why, id: '1', message: { text: 'Where is my order?' } },
      { ...letter, ...why, id: '2', message: { data: { order: 7 } } },
    ];
    await host.set({ failed: 2 }, { failed: 2 });
    let written = '';
    const { clipboard } = navigator;
    const writeText = (text: string) => {
      written = text;
      return Promise.resolve();
    };
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
    try {
      button('copy')?.click();
      await waitFor(() => find('.done')?.textContent === 'Copied', 'it says so');
    } finally {
      Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
    }
    expect(written).to.equal('Where is my order?\n\n{\n  "order": 7\n}');
  });

  it('makes targets of at least 24 pixels', async () => {
    await host.set({ state: 'offline', reason: 'no-network' }, { failed: 2 });
    await waitFor(() => button('retry'), 'every button');
    for (const one of host.renderRoot.querySelectorAll('button')) {
      expect(one.getBoundingClientRect().height).to.be.at.least(24);
    }
  });
});
