import { expect, fixture, html } from '@open-wc/testing';
import { LitElement } from 'lit';
import type { ConnectionState, ConnectionStatus, StateReason } from '../../src/client/types.ts';
import { connectionWords } from '../../src/elements/connection-words.ts';
import { StatusFace } from '../../src/elements/status-face.ts';
import { waitFor } from '../support/wait.ts';

function status(state: ConnectionState, more: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    state,
    reason: 'requested',
    since: 0,
    until: undefined,
    channel: undefined,
    attempt: 0,
    lastSyncedAt: undefined,
    error: undefined,
    pending: 0,
    failed: 0,
    persisted: false,
    ...more,
  };
}

describe('connectionWords', () => {
  const waiting = (reason: StateReason) => connectionWords(status('waiting', { reason })).label;

  it('tells the visitor’s network, the server, the sign-in and a slower channel apart', () => {
    const labels = [
      waiting('no-network'),
      waiting('unreachable'),
      waiting('server-error'),
      waiting('rate-limited'),
      connectionWords(status('unauthorized')).label,
      connectionWords(status('degraded', { channel: 'sse' })).label,
      connectionWords(status('degraded', { channel: 'poll' })).label,
      connectionWords(status('live')).label,
      connectionWords(undefined).label,
    ];
    expect(new Set(labels).size).to.equal(labels.length);
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
  class FaceHost extends LitElement {
    display = 'compact';
    status = status('live');
    #face: StatusFace | undefined;
    async retryNow(): Promise<void> {}
    protected override render() {
      return (this.#face ??= new StatusFace(this)).render(this.status);
    }
    async turn(to: ConnectionStatus) {
      this.status = to;
      this.requestUpdate();
      await this.updateComplete;
    }
    get label(): string | null {
      return this.shadowRoot!.querySelector('[part=label]')!.textContent;
    }
  }
  customElements.define('face-host', FaceHost);

  it('does not announce an interruption that is over at once', async () => {
    const host = await fixture<FaceHost>(html`<face-host></face-host>`);
    await host.turn(status('connecting'));
    expect(host.label).to.equal('Connected');
    await host.turn(status('syncing'));
    await host.turn(status('live'));
    expect(host.label).to.equal('Connected');
  });

  it('tells one that lasts, as it is by then, and good news at once', async () => {
    const host = await fixture<FaceHost>(html`<face-host></face-host>`);
    await host.turn(status('connecting'));
    await host.turn(status('waiting', { reason: 'unreachable' }));
    expect(host.label).to.equal('Connected');
    await waitFor(() => host.label === 'The server cannot be reached', 'the words');
    await host.turn(status('live'));
    expect(host.label).to.equal('Connected');
  });

  it('tells at once that it is connected again, also with messages that are not sent', async () => {
    const host = await fixture<FaceHost>(html`<face-host></face-host>`);
    host.status = status('offline');
    await host.turn(status('offline'));
    await waitFor(() => host.label === 'No network on this device', 'the words');
    await host.turn(status('live', { pending: 1, failed: 1 }));
    expect(host.label).to.equal('Connected. 1 message not sent');
    expect(host.shadowRoot!.querySelector('[part=indicator]')!.classList.value).to.equal('warn');
  });

  it('shows a new count of messages at once', async () => {
    const host = await fixture<FaceHost>(html`<face-host></face-host>`);
    await host.turn(status('waiting', { reason: 'unreachable', pending: 1, persisted: true }));
    expect(host.label).to.equal('Connected. 1 message waiting, saved on this device');
  });
});
