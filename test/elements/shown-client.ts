import { LitElement } from 'lit';
import type { SystemAlert } from '../../src/client/alerts.ts';
import type {
  ChannelHealth,
  ClientHealth,
  ConnectionStatus,
  HybridClient,
  HybridClientEvents,
} from '../../src/client/types.ts';
import { Language } from '../../src/elements/language.ts';
import { StatusFace } from '../../src/elements/status-face.ts';
import { theme } from '../../src/elements/theme.ts';
import { Emitter } from '../../src/protocol/emitter.ts';
import type { DeadLetter } from '../../src/queue/outbox-record.ts';
import type { OutboxStatus } from '../../src/queue/outbox.ts';

// A client for displays: what it says is set from outside.

export const LIVE: ConnectionStatus = {
  state: 'live',
  reason: 'synced',
  since: 0,
  until: undefined,
  channel: 'hub',
  isShared: false,
  isSlow: false,
  lastGap: undefined,
  attempt: 0,
  lastSyncedAt: 0,
  error: undefined,
  pending: 0,
  failed: 0,
  persisted: true,
};

/** A transport that works, unless `part` says otherwise. */
export function channel(kind: ChannelHealth['kind'], part: Partial<ChannelHealth> = {}): ChannelHealth {
  return {
    kind,
    state: 'open',
    since: 0,
    uptimeMs: 0,
    latencyMs: undefined,
    latencies: [],
    error: undefined,
    breaker: { state: 'closed', failures: 0, waitMs: 0 },
    listeners: undefined,
    ...part,
  };
}

let ids = 0;

/** A warning without a title, unless `part` says otherwise. */
export function alert(part: Partial<SystemAlert> = {}): SystemAlert {
  const id = String(++ids);
  return {
    id,
    at: Date.now() - 1_000 + ids,
    severity: 'warning',
    title: undefined,
    text: `text ${id}`,
    dismissed: false,
    ...part,
  };
}

export class ShownClient {
  readonly #events = new Emitter<HybridClientEvents>();
  readonly on: HybridClient['on'] = (event, listener) => this.#events.on(event, listener);
  readonly calls: string[] = [];
  status = LIVE;
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
  alerts: readonly SystemAlert[] = [];
  facts: Pick<ClientHealth, 'tenantId' | 'channels' | 'token' | 'pausedMs'> = {
    tenantId: 'acme',
    channels: [],
    token: undefined,
    pausedMs: 0,
  };
  /** What the next `retryAll()` says. */
  retrying: () => Promise<number> = () => Promise.resolve(2);
  /** What the next `probe()` says. */
  probing: () => Promise<number> = () => Promise.resolve(42);

  readonly outbox = {
    status: () => this.outboxStatus,
    exportDeadLetters: () => this.letters,
    retryAll: () => {
      this.calls.push('retryAll');
      return this.retrying();
    },
  };

  get state() {
    return this.status.state;
  }

  get listeners(): number {
    return this.#events.count('alert');
  }

  health(): ClientHealth {
    return { status: this.status, ...this.facts };
  }

  probe(): Promise<number> {
    this.calls.push('probe');
    return this.probing();
  }

  dismissAlert(id: string): void {
    this.calls.push(`dismissAlert ${id}`);
    this.tellAlerts(...this.alerts.filter((one) => one.id !== id));
  }

  /** These are the alerts from now on, and listeners hear of it. */
  tellAlerts(...alerts: readonly SystemAlert[]): void {
    this.alerts = alerts;
    this.#events.emit('alert', alerts.at(-1) ?? alert());
  }
}

/** A connection status whose client is set from outside. */
export class StatusHost extends LitElement {
  static override styles = theme;
  static override properties = { display: {} };
  declare display: string;
  language = new Language('en');
  shown = new ShownClient();
  #face: StatusFace | undefined;

  constructor() {
    super();
    this.display = 'compact';
  }

  retryNow(): Promise<void> {
    this.shown.calls.push('retryNow');
    return Promise.resolve();
  }

  protected override render() {
    return (this.#face ??= new StatusFace(this)).render(
      this.shown.status,
      undefined,
      this.shown as unknown as HybridClient,
    );
  }

  /** Takes over what differs from a connection that works. */
  async set(status: Partial<ConnectionStatus>, outbox: Partial<OutboxStatus> = {}): Promise<void> {
    this.shown.status = { ...LIVE, ...status };
    this.shown.outboxStatus = { ...this.shown.outboxStatus, ...outbox };
    this.requestUpdate();
    await this.updateComplete;
  }
}
customElements.define('test-status-host', StatusHost);
