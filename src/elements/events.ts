import type { SystemAlert } from '../client/alerts.ts';
import type { MetricsSnapshot } from '../client/metrics.ts';
import type { ConnectionState, ConnectionStatus, HybridClient } from '../client/types.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { RealtimeError } from '../protocol/errors.ts';

/**
 * How every event of the elements travels: through shadow roots, up to the document.
 * @internal
 */
export const OUTWARD = { bubbles: true, composed: true } as const;

/** The connection's state changed. */
export class XiansStateChangedEvent extends Event {
  readonly from: ConnectionState;
  readonly to: ConnectionState;
  readonly status: ConnectionStatus;

  constructor(from: ConnectionState, status: ConnectionStatus) {
    super('xians-state-changed', OUTWARD);
    this.from = from;
    this.to = status.state;
    this.status = status;
  }
}

/** Something failed and no call of the page reports it. */
export class XiansErrorEvent extends Event {
  readonly error: RealtimeError;

  constructor(error: RealtimeError) {
    super('xians-error', OUTWARD);
    this.error = error;
  }
}

/** Another number of messages of agents has not been seen; in every tab of the site. */
export class XiansUnreadChangedEvent extends Event {
  readonly unread: number;

  constructor(unread: number) {
    super('xians-unread-changed', OUTWARD);
    this.unread = unread;
  }
}

/** The service told its users something, or somebody closed what it told: then `alert.dismissed` is set. */
export class XiansAlertEvent extends Event {
  readonly alert: SystemAlert;

  constructor(alert: SystemAlert) {
    super('xians-alert', OUTWARD);
    this.alert = alert;
  }
}

/** What the client measured so far; at most every 10 s, and only after something happened. */
export class XiansMetricsEvent extends Event {
  readonly metrics: MetricsSnapshot;

  constructor(metrics: MetricsSnapshot) {
    super('xians-metrics', OUTWARD);
    this.metrics = metrics;
  }
}

/** The window of a bubble or panel opened. */
export class XiansOpenedEvent extends Event {
  constructor() {
    super('xians-opened', OUTWARD);
  }
}

/** The window of a bubble or panel closed. */
export class XiansClosedEvent extends Event {
  constructor() {
    super('xians-closed', OUTWARD);
  }
}

/**
 * Fires on `target` what the client tells, until the undo runs.
 * @internal
 */
export function forwardClientEvents(client: HybridClient, target: EventTarget): Undo {
  const fire = (event: Event) => void target.dispatchEvent(event);
  const undos = [
    client.on('state', ({ status, previous }) => fire(new XiansStateChangedEvent(previous.state, status))),
    client.on('unread', (unread) => fire(new XiansUnreadChangedEvent(unread))),
    client.on('alert', (alert) => fire(new XiansAlertEvent(alert))),
    client.on('metrics', (metrics) => fire(new XiansMetricsEvent(metrics))),
    client.on('error', (error) => fire(new XiansErrorEvent(error))),
  ];
  return () => undos.forEach((undo) => undo());
}

declare global {
  interface HTMLElementEventMap {
    'xians-state-changed': XiansStateChangedEvent;
    'xians-error': XiansErrorEvent;
    'xians-unread-changed': XiansUnreadChangedEvent;
    'xians-alert': XiansAlertEvent;
    'xians-metrics': XiansMetricsEvent;
    'xians-opened': XiansOpenedEvent;
    'xians-closed': XiansClosedEvent;
  }
}
