import { RealtimeError } from '../protocol/errors.ts';
import type { Incident, IncidentAction } from '../protocol/incident.ts';
import { actionsAccount, keepsActions } from './incident-action-mark.ts';
import type { IncidentActionPorts, IncidentActions } from './incident-actions.ts';
import type { ActionReceipt, PendingAction } from './incident-types.ts';

type ApplyAction = (incident: Incident, action: IncidentAction) => Incident;

/** What the desk needs beside what actions need. */
export interface ActsPorts extends Omit<IncidentActionPorts, 'account' | 'onChange'> {
  readonly incidentsUrl: string;
  /** Who acts; `undefined` while that is not known. `''`: somebody who does not sign in. */
  participantId(): string | undefined;
  /** What people did that the server does not have yet is something else: every feed is to {@link IncidentActs.show} it. */
  onPending(): void;
}

/** What can show what actions would make of incidents. */
interface Shows {
  overlay(actions: readonly IncidentAction[], applyAction: ApplyAction): void;
}

/** What people do about incidents. The code for it is loaded when somebody first does, or when something waits since an earlier visit. */
export class IncidentActs {
  readonly #ports: ActsPorts;
  #loading: Promise<IncidentActions> | undefined;
  #actions: IncidentActions | undefined;
  #applyAction: ApplyAction | undefined;
  #isDisposed = false;

  constructor(ports: ActsPorts) {
    this.#ports = ports;
    this.wake();
  }

  get pending(): readonly PendingAction[] {
    return this.#actions?.pending ?? NONE;
  }

  /** Shows what is pending in `feed`, but for what failed, which was taken back. */
  show(feed: Shows): void {
    if (!this.#applyAction) return;
    const shown = this.pending.filter(({ state }) => state !== 'failed');
    feed.overlay(
      shown.map(({ action }) => action),
      this.#applyAction,
    );
  }

  async act(action: IncidentAction): Promise<ActionReceipt> {
    return (await this.#load()).act(action);
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#load()).discard(id);
  }

  async retry(id: string): Promise<boolean> {
    return (await this.#load()).retry(id);
  }

  /** The connection came or went, or somebody became known. `now`: there is a reason to try at once. */
  wake(now = false): void {
    if (this.#actions) this.#actions.wake(now);
    else if (!this.#loading && this.#waits) {
      this.#load().catch((error: unknown) => {
        this.#ports.onError(RealtimeError.from(error, 'network', UNLOADED));
      });
    }
  }

  /** Forgets everything of the person, in storage too. */
  async forget(): Promise<void> {
    if (this.#loading || this.#waits) await (await this.#load()).forget();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#loading?.catch(() => undefined); // whoever asked for it has heard
    await this.#actions?.dispose();
  }

  /** Something was left on this device, by this person as far as that is known. */
  get #waits(): boolean {
    const { environment, incidentsUrl, participantId } = this.#ports;
    return keepsActions(environment, incidentsUrl, participantId());
  }

  #load(): Promise<IncidentActions> {
    return (this.#loading ??= this.#make().catch((error: unknown) => {
      this.#loading = undefined; // the next call tries again
      throw RealtimeError.from(error, 'network', UNLOADED);
    }));
  }

  async #make(): Promise<IncidentActions> {
    const [{ IncidentActions }, { applyAction }] = await Promise.all([
      import('./incident-actions.ts'),
      import('./incident-optimistic.ts'),
    ]);
    if (this.#isDisposed) throw new RealtimeError('closed', 'The client has been disposed of.');
    const { incidentsUrl, participantId, onPending, ...ports } = this.#ports;
    this.#applyAction = applyAction;
    const actions = new IncidentActions({
      ...ports,
      account: () => {
        const id = participantId();
        return id === undefined ? undefined : actionsAccount(incidentsUrl, id);
      },
      onChange: onPending,
    });
    this.#actions = actions;
    onPending();
    return actions;
  }
}

const NONE: readonly PendingAction[] = [];
const UNLOADED = 'The code for actions could not be loaded.';
