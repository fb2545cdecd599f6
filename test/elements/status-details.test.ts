import { expect, fixture, html } from '@open-wc/testing';
import { LitElement } from 'lit';
import type { ConnectionStatus, HybridClient } from '../../src/client/types.ts';
import { StatusFace } from '../../src/elements/status-face.ts';
import type { DeadLetter } from '../../src/queue/outbox-record.ts';
import type { OutboxStatus } from '../../src/queue/outbox.ts';
import { waitFor } from '../support/wait.ts';

const STATUS: ConnectionStatus = {
  state: 'live',
  reason: 'synced',
  since: 0,
  until: undefined,
  channel: 'hub',
  attempt: 0,
  lastSyncedAt: 0,
  error: undefined,
  pending: 0,
  failed: 0,
  persisted: true,
};

/** A status in `display="details"`, of a client that is set from outside. */
class DetailsHost extends LitElement {
  display = 'details';
  status = STATUS;
  outboxStatus: OutboxStatus = {
    waiting: 0,
    failed: 0,
    bytes: 0,
    quarantined: 0,
    dropped: 0,
    persisted: true,
    oldestAt: undefined,
  };
  letters: DeadLetter[] = [];
  readonly calls: string[] = [];
  /** What the next `retryAll()` says. */
  retrying: () => Promise<number> = () => Promise.resolve(2);
  #face: StatusFace | undefined;

  async retryNow(): Promise<void> {
    this.calls.push('retryNow');
  }

  get client(): HybridClient {
    const outbox = {
      status: () => this.outboxStatus,
      exportDeadLetters: () => this.letters,
      retryAll: () => {
        this.calls.push('retryAll');
        return this.retrying();
      },
    };
    return { status: this.status, outbox } as unknown as HybridClient;
  }

  protected override render() {
    return (this.#face ??= new StatusFace(this)).render(this.status, undefined, this.client);
  }

  async set(status: Partial<ConnectionStatus>, outbox: Partial<OutboxStatus>): Promise<void> {
    this.status = { ...STATUS, ...status };
    this.outboxStatus = { ...this.outboxStatus, ...outbox };
    this.requestUpdate();
    await this.updateComplete;
  }
}
customElements.define('test-details-host', DetailsHost);

describe('connection-status with display="details"', () => {
  let host: DetailsHost;
  beforeEach(async () => {
    host = await fixture<DetailsHost>(html`<test-details-host></test-details-host>`);
    await waitFor(() => find('dl'), 'the details are loaded');
  });

  const find = (selector: string) => host.renderRoot.querySelector<HTMLElement>(selector);
  const button = (part: string) => find(`[part="${part}"]`) as HTMLButtonElement | null;
  /** Names and values of the list. */
  const rows = () =>
    Object.fromEntries(
      [...host.renderRoot.querySelectorAll('dt')].map((name) => [
        name.textContent,
        name.nextElementSibling?.textContent,
      ]),
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
      expect(find('dl'), state).to.equal(null);
      await host.set({ state, pending: 1 }, { waiting: 1 });
      expect(rows().Waiting, state).to.equal('1');
      await host.set({ state }, { waiting: 0 });
    }
    await host.set({ state: 'degraded', channel: 'sse' }, {});
    expect(find('dl')).to.exist;
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
    await host.set({ pending: 1 }, { waiting: 1 });
    const label = find('[part=label]');
    expect(label?.textContent.replace(/\s+/g, ' ').trim()).to.equal(
      'Connected. 1 message waiting, saved on this device',
    );
    expect(label?.querySelector('.hush')).to.exist;
  });

  it('offers to try now while there is no connection', async () => {
    await host.set({ state: 'unauthorized', reason: 'credential-refused' }, {});
    await waitFor(() => button('retry'), 'the button');
    button('retry')?.click();
    expect(host.calls).to.deep.equal(['retryNow']);
    await host.set({ state: 'waiting', reason: 'unreachable', until: Date.now() + 60_000 }, {});
    expect(host.renderRoot.querySelectorAll('[part=retry]').length, 'one button').to.equal(1);
  });

  it('sends all again that failed, and says why it cannot', async () => {
    await host.set({ pending: 2, failed: 2 }, { failed: 2 });
    expect(button('retry-all')?.textContent.replace(/\s+/g, ' ').trim()).to.equal('Retry all (2)');
    button('retry-all')?.click();
    expect(host.calls).to.deep.equal(['retryAll']);
    host.retrying = () => Promise.reject(new Error('The disk is full.'));
    button('retry-all')?.click();
    await waitFor(() => find('.actions [role=status]')?.textContent === 'The disk is full.', 'the reason');
    await expect(host).to.be.accessible();
  });

  it('copies what failed, as the visitor wrote it', async () => {
    const letter = { conversation: 'c', workflow: 'w', topic: undefined, createdAt: 0, failedAt: 1 };
    const why = { reason: 'Refused.', code: 'server' };
    host.letters = [
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
      await waitFor(() => find('.actions [role=status]')?.textContent === 'Copied', 'it says so');
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
