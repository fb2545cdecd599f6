import { RealtimeError } from '../protocol/errors.ts';
import { workflowId } from '../protocol/workflow.ts';
import type { AlertPorts, AlertStream } from './alert-stream.ts';
import type { SystemAlert } from './alerts.ts';
import type { Channels } from './channels.ts';
import type { HybridClientOptions } from './types.ts';

/** Place in the outbox where it is kept which alerts were dismissed. No conversation is called so. */
export const ALERTS_PLACE = 'alerts';

/** What the desk needs from its client. */
export interface AlertDeskPorts extends Pick<
  AlertPorts,
  'environment' | 'loadDismissed' | 'saveDismissed' | 'onAlert' | 'post' | 'onError'
> {
  readonly options: HybridClientOptions;
  /** Whose alerts, and by which transports. */
  channels(): Promise<Channels>;
}

/** The system alerts of one client: their code is loaded when the options name a workflow and something is connected. */
export class AlertDesk {
  readonly #ports: AlertDeskPorts;
  #stream: AlertStream | undefined;
  #isLoading = false;
  /** What the stream is to do: `undefined` while nothing is connected. */
  #role: 'start' | 'follow' | undefined;
  /** Raised when the participant signs out. */
  #epoch = 0;

  constructor(ports: AlertDeskPorts) {
    this.#ports = ports;
  }

  get alerts(): readonly SystemAlert[] {
    return this.#stream?.alerts ?? [];
  }

  dismiss(id: string): void {
    this.#stream?.dismiss(id);
  }

  /** The connection is there, this tab's own (`start`) or another's (`follow`), or is not wanted any more. */
  settle(role: 'start' | 'follow' | undefined): void {
    if (role === this.#role || !this.#ports.options.alertsWorkflow) return;
    this.#role = role;
    if (this.#stream) this.#apply(this.#stream);
    else if (role) this.#load();
  }

  receiveNote(note: unknown): void {
    this.#stream?.receiveNote(note);
  }

  /** Another tab has dismissed something. */
  refresh(): void {
    this.#stream?.refresh();
  }

  /** Forgets all alerts and closes the stream: the participant signed out, or the client ends. */
  forget(): void {
    this.#epoch++;
    this.#role = undefined;
    this.#stream?.dispose();
    this.#stream = undefined;
  }

  #load(): void {
    const epoch = this.#epoch;
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#create(epoch)
      .catch((reason: unknown) => {
        // The next connection tries again.
        if (epoch === this.#epoch) this.#role = undefined;
        this.#ports.onError(RealtimeError.from(reason, 'network', 'The alerts could not be loaded.'));
      })
      .finally(() => {
        this.#isLoading = false;
        if (this.#role && !this.#stream) this.#load();
      });
  }

  async #create(epoch: number): Promise<void> {
    const { options, channels: getChannels, ...ports } = this.#ports;
    const { AlertStream } = await import('./alert-stream.ts');
    const channels = await getChannels();
    if (epoch !== this.#epoch) return;
    this.#stream = new AlertStream({
      ...ports,
      ...channels.forAlerts(),
      workflow: workflowId(options.tenantId, options.alertsWorkflow ?? ''),
      topic: options.alertsTopic,
    });
    this.#apply(this.#stream);
  }

  #apply(stream: AlertStream): void {
    if (this.#role) stream[this.#role]();
    else stream.stop();
  }
}
