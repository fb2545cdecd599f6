import type { Undo } from '../protocol/emitter.ts';
import type { ToldAlert } from './alert-parse.ts';
import type { SystemAlert } from './alerts.ts';
import type { Environment } from './environment.ts';

/** What {@link AlertList} needs from its owner. */
export interface AlertListPorts {
  readonly environment: Environment;
  /** What `saveDismissed` was last given, in whatever tab and at whatever visit; `''` at first. */
  loadDismissed(): string;
  saveDismissed(text: string): void;
  /** See the client's `alert` event. */
  onAlert(alert: SystemAlert): void;
}

/** The newest alerts; older ones make room. */
const KEPT = 20;
const SHOWN_FOR_MS = 86_400_000;
/** Ids of closed alerts that are remembered: more than are kept, since tabs may know different ones. */
const DISMISSED = 40;

/**
 * The newest 20 alerts of the last day, and which of them were closed. Nothing is told while the page is hidden; what came
 * meanwhile is told by {@link refresh} once somebody looks again.
 */
export class AlertList {
  readonly #ports: AlertListPorts;
  /** Oldest first. Closed ones stay, so that they do not come back. */
  #known: readonly ToldAlert[] = [];
  /** Ids of those that listeners have. */
  readonly #told = new Set<string>();
  readonly #dismissed = new Set<string>();
  #cancelExpiry: Undo | undefined;

  constructor(ports: AlertListPorts) {
    this.#ports = ports;
    this.#shareDismissed();
  }

  /** What listeners know of and nobody has closed, oldest first. */
  get alerts(): readonly SystemAlert[] {
    return this.open.filter(({ id }) => this.#told.has(id)).map((alert) => ({ ...alert, dismissed: false }));
  }

  /** What nobody has closed, whether it was told or waits for the page to be seen. */
  get open(): readonly ToldAlert[] {
    return this.#known.filter(({ id }) => !this.#dismissed.has(id));
  }

  /** Takes over what is new and not too old. Returns that. */
  add(alerts: readonly ToldAlert[]): readonly ToldAlert[] {
    const before = new Set(this.#known.map(({ id }) => id));
    const all = new Map([...alerts, ...this.#known].map((alert) => [alert.id, alert]));
    this.#keep([...all.values()]);
    return this.open.filter(({ id }) => !before.has(id));
  }

  /** Closes it for good. Does nothing for one that is not known. */
  dismiss(id: string): void {
    if (!this.#known.some((alert) => alert.id === id)) return;
    this.#dismissed.add(id);
    this.refresh();
  }

  /** The page is seen again, or another tab has closed something. */
  refresh(): void {
    this.#shareDismissed();
    this.#keep(this.#known);
  }

  /** Forgets everything and tells nothing. */
  dispose(): void {
    this.#cancelExpiry?.();
    this.#known = [];
    this.#told.clear();
  }

  #keep(alerts: readonly ToldAlert[]): void {
    const { environment, onAlert } = this.#ports;
    const before = this.#known;
    const latest = environment.now() - SHOWN_FOR_MS;
    this.#known = alerts
      .filter(({ at }) => at > latest)
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
      .slice(-KEPT);
    this.#planExpiry();
    const open = this.open;
    for (const alert of before) {
      if (!open.includes(alert) && this.#told.delete(alert.id)) onAlert({ ...alert, dismissed: true });
    }
    if (!environment.isVisible()) return;
    for (const alert of open) {
      // A listener may have closed it meanwhile.
      if (this.#told.has(alert.id) || !this.open.includes(alert)) continue;
      this.#told.add(alert.id);
      onAlert({ ...alert, dismissed: false });
    }
  }

  #planExpiry(): void {
    const { environment } = this.#ports;
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    const [oldest] = this.#known;
    if (!oldest) return;
    const leftMs = oldest.at + SHOWN_FOR_MS - environment.now();
    // Not longer than a day, whatever the clocks say: longer timers fire at once.
    this.#cancelExpiry = environment.setTimer(() => this.#keep(this.#known), Math.min(leftMs, SHOWN_FOR_MS));
  }

  /** Joins what is stored with what is known here. Tabs that close two alerts in the same moment agree on both. */
  #shareDismissed(): void {
    const { loadDismissed, saveDismissed } = this.#ports;
    const stored = loadDismissed();
    const ids = new Set([...stored.split(' '), ...this.#dismissed]);
    ids.delete('');
    // The server's ids begin with the time of their making.
    const newest = [...ids].sort().slice(-DISMISSED);
    this.#dismissed.clear();
    for (const id of newest) this.#dismissed.add(id);
    const text = newest.join(' ');
    if (text !== stored) saveDismissed(text);
  }
}
