import { AlertStream, type AlertPorts } from '../../src/client/alert-stream.ts';
import type { SystemAlert } from '../../src/client/alerts.ts';
import type { Environment, LifecycleEvent } from '../../src/client/environment.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import { RestTransport } from '../../src/transports/rest-transport.ts';
import type { TestServer } from '../support/node-server.ts';
import { KEY, testEnvironment } from './support.ts';

export const ALERTS = 'Status Agent:Alerts';
export const ALERTS_ID = `acme:${ALERTS}`;
export const JANE = 'jane@example.com';

/** What the tabs of one site share: a line between them, and what was saved. */
export class AlertSite {
  readonly tabs: AlertTab[] = [];
  dismissed = '';
  saves = 0;
}

/** A tab with alerts, and everything that was told to it. */
export class AlertTab {
  readonly environment: Environment & { play(event: LifecycleEvent): void; readonly pendingTimers: number };
  readonly stream: AlertStream;
  readonly told: SystemAlert[] = [];
  readonly errors: RealtimeError[] = [];
  readonly listeners: (number | undefined)[] = [];
  readonly notes: unknown[] = [];
  reads = 0;
  isVisible = true;
  /** Nobody hears it any more. */
  isGone = false;
  /** Added to the clock. */
  laterMs = 0;
  /** Lifecycle listeners that are left. */
  watchers = 0;

  constructor(server: TestServer, site = new AlertSite(), more: Partial<AlertPorts> = {}) {
    const base = testEnvironment(10);
    const { onLifecycle } = base;
    this.environment = Object.defineProperties(base, {
      isVisible: { value: () => this.isVisible },
      now: { value: () => Date.now() + this.laterMs },
      onLifecycle: {
        value: (listener: (event: LifecycleEvent) => void) => {
          this.watchers++;
          const undo = onLifecycle(listener);
          let isOn = true;
          return () => {
            if (isOn) this.watchers--;
            isOn = false;
            undo();
          };
        },
      },
    });
    const transport = { serverUrl: server.url, tenantId: 'acme', apiKey: KEY };
    const rest = new RestTransport({ ...transport, environment: this.environment });
    site.tabs.push(this);
    this.stream = new AlertStream({
      environment: this.environment,
      transport,
      workflow: ALERTS_ID,
      participantId: JANE,
      reader: () => ({
        history: (query) => {
          this.reads++;
          return rest.history(query);
        },
      }),
      loadDismissed: () => site.dismissed,
      saveDismissed: (text) => {
        site.dismissed = text;
        site.saves++;
        for (const tab of site.tabs) if (tab !== this) tab.stream.refresh();
      },
      onAlert: (alert) => this.told.push(alert),
      onListeners: (count) => this.listeners.push(count),
      post: (note) => {
        this.notes.push(note);
        if (this.isGone) return;
        for (const tab of site.tabs) if (tab !== this) tab.stream.receiveNote(structuredClone(note));
      },
      onError: (error) => this.errors.push(error),
      ...more,
    });
  }

  /** Texts of the alerts that are shown. */
  get texts(): string[] {
    return this.stream.alerts.map(({ text }) => text);
  }

  hide(): void {
    this.isVisible = false;
    this.environment.play('hidden');
  }

  show(): void {
    this.isVisible = true;
    this.environment.play('visible');
  }
}

/** Stores and broadcasts an alert as an agent would. Resolves with its id. */
export async function publish(
  server: TestServer,
  text: string,
  {
    data,
    ...more
  }: { data?: object; participantId?: string; workflow?: string; scope?: string; createdAt?: string } = {},
): Promise<string> {
  const fault = {
    fault: 'publish',
    workflow: ALERTS,
    participantId: JANE,
    type: 'Data',
    data: { type: 'system_alert', severity: 'warning', text, ...data },
    ...more,
  };
  return String((await server.control(fault))['id']);
}
