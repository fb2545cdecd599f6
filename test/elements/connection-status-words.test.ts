import { expect, fixture, html, nextFrame } from '@open-wc/testing';
import type { ConnectionState, ConnectionStatus, StateReason } from '../../src/client/types.ts';
import { connectionWords, mayTryNow } from '../../src/elements/connection-words.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { waitFor } from '../support/wait.ts';
import { LIVE, type StatusHost } from './shown-client.ts';

function status(state: ConnectionState, more: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return { ...LIVE, reason: 'requested', channel: undefined, persisted: false, state, ...more };
}

describe('connectionWords', () => {
  const waiting = (reason: StateReason) => connectionWords(status('waiting', { reason })).label;

  /** Every situation that calls for something else of the visitor. */
  const situations: [string, ConnectionStatus | undefined, tone: string, label: string][] = [
    ['not needed yet', undefined, 'idle', 'Not connected yet'],
    ['let go of', status('idle', { reason: 'idle' }), 'idle', 'Paused'],
    ['connecting', status('connecting'), 'busy', 'Connecting…'],
    ['reading', status('syncing'), 'busy', 'Reading what is new…'],
    ['signing in', status('connecting', { reason: 'signing-in' }), 'busy', 'Signing in again…'],
    ['connected', status('live', { channel: 'hub' }), 'good', 'Connected'],
    ['another tab', status('live', { isShared: true }), 'good', 'Connected through another tab'],
    ['slow', status('live', { isSlow: true }), 'warn', 'Connected, but slow'],
    ['slower channel', status('degraded', { channel: 'sse' }), 'warn', 'Connected over a slower channel'],
    [
      'polling',
      status('degraded', { channel: 'poll' }),
      'warn',
      'Connected, but messages arrive with a delay',
    ],
    ['lost', status('waiting', { reason: 'transport-lost' }), 'busy', 'Connection lost, connecting again…'],
    ['your network', status('offline', { reason: 'no-network' }), 'bad', 'No network on this device'],
    [
      'in between',
      status('waiting', { reason: 'intercepted' }),
      'bad',
      'Something between here and the server is in the way',
    ],
    ['nobody there', status('waiting', { reason: 'unreachable' }), 'bad', 'The server cannot be reached'],
    ['our server', status('waiting', { reason: 'server-error' }), 'bad', 'The server has a problem'],
    ['too many', status('waiting', { reason: 'rate-limited' }), 'bad', 'Too many requests at once'],
    [
      'sign-in away',
      status('waiting', { reason: 'sign-in-unreachable' }),
      'bad',
      'The sign-in of this site does not work at the moment',
    ],
    [
      'signed out',
      status('unauthorized', { reason: 'credential-refused' }),
      'bad',
      'Your sign-in was not accepted',
    ],
    [
      'no access',
      status('unauthorized', {
        reason: 'credential-refused',
        error: new RealtimeError('forbidden', 'The credential belongs to another tenant.'),
      }),
      'bad',
      'You have no access to this chat',
    ],
    [
      'set up wrong',
      status('waiting', { reason: 'configuration' }),
      'bad',
      'This chat is not set up correctly',
    ],
    ['over', status('closed'), 'bad', 'Disconnected'],
  ];
  for (const [name, one, tone, label] of situations) {
    it(`says “${label}” for: ${name}`, () => {
      expect(connectionWords(one)).to.include({ tone, label });
    });
  }

  it('has other words for each of these situations, and none of them for developers', () => {
    const said = situations.map(([, one]) => connectionWords(one));
    expect(new Set(said.map(({ label }) => label)).size).to.equal(said.length);
    for (const { label, hint } of said)
      expect(`${label} ${hint}`).not.to.match(/credential|tenant|token|4\d\d/i);
  });

  it('keeps its words while the next attempt runs, whatever gave the reason for it', () => {
    const error = new RealtimeError('server', 'The server had an internal problem.');
    for (const reason of ['server-error', 'nudge', 'requested'] as const) {
      const trying = connectionWords(status('connecting', { reason, error, attempt: 2 }));
      expect(trying.label, reason).to.equal(waiting('server-error'));
      expect(trying.countdown, reason).to.equal('trying now');
    }
    const signIn = new RealtimeError('timeout', 'No answer.', { service: 'sign-in' });
    const trying = status('connecting', { reason: 'nudge', error: signIn, attempt: 1 });
    expect(connectionWords(trying).label).to.equal(waiting('sign-in-unreachable'));
  });

  it('does not offer to try now what the server has forbidden until a time', () => {
    const told = new RealtimeError('rate-limited', 'Too many.', { retryAfterMs: 5_000 });
    expect(mayTryNow(status('waiting', { error: told }))).to.equal(false);
    expect(mayTryNow(status('waiting', { error: new RealtimeError('server', 'No.') }))).to.equal(true);
    expect(mayTryNow(undefined)).to.equal(true);
  });

  it('has words for every state', () => {
    const states: ConnectionState[] = [
      'idle',
      'connecting',
      'syncing',
      'live',
      'degraded',
      'waiting',
      'offline',
      'unauthorized',
      'suspended',
      'closed',
    ];
    for (const state of states) expect(connectionWords(status(state)).label, state).to.match(/\w{4}/);
  });

  it('looks neither fine nor calm while a message is not sent, and keeps its words', () => {
    for (const state of ['live', 'idle', 'syncing', 'suspended', 'degraded'] as const) {
      const failed = connectionWords(status(state, { pending: 1, failed: 1 }));
      expect(failed.tone, state).to.equal('warn');
      expect(failed.label, state).to.equal(connectionWords(status(state)).label);
    }
    expect(connectionWords(status('live', { pending: 1 })).tone).to.equal('good');
    expect(connectionWords(status('offline', { pending: 1, failed: 1 })).tone).to.equal('bad');
  });

  it('says “not yet” only while nothing waits', () => {
    expect(connectionWords(status('idle')).label).to.equal('Not connected yet');
    expect(connectionWords(status('idle', { pending: 1 })).label).to.equal('Not connected');
  });

  it('counts down in whole seconds, outside of the words that are announced', () => {
    const { label, countdown } = connectionWords(
      status('waiting', { reason: 'unreachable', until: 12_001 }),
      1_000,
    );
    expect(countdown).to.equal('next try in 12 s');
    expect(label).to.equal('The server cannot be reached');
    expect(connectionWords(status('waiting', { until: 500 }), 1_000).countdown).to.equal('trying now');
  });

  it('says how many messages wait, whether they are saved, and how many failed', () => {
    const pending = (more: Partial<ConnectionStatus>) => connectionWords(status('offline', more)).pending;
    expect(pending({})).to.equal(undefined);
    expect(pending({ pending: 1, persisted: true })).to.equal('1 message waiting, saved on this device');
    expect(pending({ pending: 2 })).to.equal('2 messages waiting, not saved: keep this page open');
    expect(pending({ pending: 3, failed: 3 })).to.equal('3 messages not sent');
  });
});

describe('StatusFace', () => {
  const mount = () => fixture<StatusHost>(html`<test-status-host></test-status-host>`);
  const find = (host: StatusHost, selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const label = (host: StatusHost) => find(host, '[part=label]')?.textContent;

  it('does not announce an interruption that is over at once', async () => {
    const host = await mount();
    await host.set(status('connecting'));
    await nextFrame();
    await nextFrame();
    expect(label(host)).to.equal('Connected');
    await host.set(status('syncing'));
    await host.set(status('live'));
    expect(label(host)).to.equal('Connected');
  });

  it('tells one that lasts, as it is by then, and good news at once', async () => {
    const host = await mount();
    await host.set(status('connecting'));
    await host.set(status('waiting', { reason: 'unreachable' }));
    expect(label(host)).to.equal('Connected');
    await waitFor(() => label(host) === 'The server cannot be reached', 'the words');
    await host.set(status('live'));
    expect(label(host)).to.equal('Connected');
  });

  it('tells at once that it is connected again, also with messages that are not sent', async () => {
    const host = await mount();
    await host.set(status('offline'));
    await waitFor(() => label(host) === 'No network on this device', 'the words');
    await host.set(status('live', { pending: 1, failed: 1 }));
    expect(label(host)).to.equal('Connected. 1 message not sent');
    expect(find(host, '[part=indicator]')?.classList.value).to.equal('warn');
  });

  it('counts what is just being sent only when it takes long', async () => {
    const host = await mount();
    await host.set(status('live', { pending: 1, persisted: true }));
    expect(label(host)).to.equal('Connected');
    await host.set(status('live'));
    await host.set(status('live', { pending: 1, persisted: true }));
    expect(label(host)).to.equal('Connected');
    await waitFor(() => label(host) === 'Connected. 1 message waiting, saved on this device', 'it waits');
  });

  it('keeps the sentence for developers out of sight, and within reach', async () => {
    const host = await mount();
    const error = new RealtimeError('forbidden', 'The credential belongs to another tenant.');
    await host.set(status('unauthorized', { reason: 'credential-refused', error }));
    await waitFor(() => label(host) === 'You have no access to this chat', 'the words');
    expect(host.renderRoot.textContent).not.to.contain('credential');
    expect(find(host, '[part=label]')?.title).to.contain(error.message);
  });

  it('leaves focus on what comes next when the button that was pressed goes', async () => {
    const host = await mount();
    await host.set(status('waiting', { reason: 'unreachable', until: Date.now() + 60_000 }));
    await waitFor(() => find(host, '[part=retry]'), 'the button');
    find(host, '[part=retry]')?.focus();
    await host.set(status('live'));
    expect(find(host, '[part=retry]') === null).to.equal(true);
    expect(document.activeElement === host).to.equal(true);
  });

  it('hears of no client any more once it is removed', async () => {
    const host = await mount();
    expect(host.shown.listeners).to.equal(1);
    host.remove();
    await host.updateComplete;
    host.requestUpdate();
    await host.updateComplete;
    expect(host.shown.listeners).to.equal(0);
  });

  it('shows a new count of messages at once', async () => {
    const host = await mount();
    await host.set(status('waiting', { reason: 'unreachable', pending: 1, persisted: true }));
    expect(label(host)).to.equal('Connected. 1 message waiting, saved on this device');
  });
});
