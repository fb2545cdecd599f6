import type { Undo } from '../protocol/emitter.ts';
import type { Message } from '../protocol/types.ts';
import { AlertFeed, type AlertFeedPorts } from './alert-feed.ts';
import { AlertList, type AlertListPorts } from './alert-list.ts';
import { claimsToBeAlert, parseAlert, parseToldAlerts, type ToldAlert } from './alert-parse.ts';
import type { SystemAlert } from './alerts.ts';
import type { LifecycleEvent } from './environment.ts';

/** What {@link AlertStream} needs from the client. */
export interface AlertPorts extends AlertListPorts, Omit<AlertFeedPorts, 'onMessages' | 'onGarbled'> {
  /** Passes a structured-cloneable note to {@link AlertStream.receiveNote} of the other tabs. */
  post(note: unknown): void;
}

/** What the tabs of a site tell each other about alerts. */
type AlertNote = { readonly kind: 'known'; readonly alerts: readonly ToldAlert[] } | { readonly kind: 'ask' };

const NONSENSE_LIMIT = 300;

/**
 * System alerts of one participant: a stream of its own in the tab that has the connection, gaps filled from history, and
 * what is found passed on to the other tabs. Nothing is told while the page is hidden.
 */
export class AlertStream {
  readonly #ports: AlertPorts;
  readonly #list: AlertList;
  readonly #unwatch: Undo;
  #isWanted = false;
  #feed: AlertFeed | undefined;
  #ignored = 0;
  /** Ids of what was ignored last: history brings it again. */
  readonly #nonsense = new Set<string>();

  /** Nothing is requested before {@link start}, and nothing asked before {@link follow}. */
  constructor(ports: AlertPorts) {
    // As the server stores topics.
    this.#ports = { ...ports, topic: ports.topic?.trim() || undefined };
    this.#list = new AlertList(ports);
    this.#unwatch = ports.environment.onLifecycle((event) => this.#onLifecycle(event));
  }

  /** What was told and nobody has closed, oldest first: at most 20, none older than a day. */
  get alerts(): readonly SystemAlert[] {
    return this.#list.alerts;
  }

  /** What said it was an alert for this participant and made no sense, and what could not be read at all. */
  get ignored(): number {
    return this.#ignored;
  }

  /** This tab has the connection: the stream is kept open until one of the next three is called. */
  start(): void {
    this.#isWanted = true;
    this.#open();
  }

  /** Another tab has the connection: it is asked what it knows, and will tell what comes. */
  follow(): void {
    this.stop();
    this.#post({ kind: 'ask' });
  }

  /** Closes the stream. What is known stays. */
  stop(): void {
    this.#isWanted = false;
    this.#close();
  }

  /** Like {@link stop}, for good: no timer, listener or stream is left, and nothing is known any more. */
  dispose(): void {
    this.stop();
    this.#unwatch();
    this.#list.dispose();
  }

  /** Closes an alert in every tab, for good. Does nothing for one that is not known. */
  dismiss(id: string): void {
    this.#list.dismiss(id);
  }

  /** Another tab has saved which alerts were closed. */
  refresh(): void {
    this.#list.refresh();
  }

  /** Something that another tab has posted; what makes no sense is left out. */
  receiveNote(note: unknown): void {
    const { kind, alerts } = (note ?? {}) as { readonly kind?: unknown; readonly alerts?: unknown };
    if (kind === 'known') this.#list.add(parseToldAlerts(alerts));
    else if (kind === 'ask' && this.#isWanted) this.#tell(this.#list.open);
  }

  #open(): void {
    this.#feed ??= new AlertFeed({
      ...this.#ports,
      onMessages: (messages) => this.#receive(messages),
      onGarbled: () => this.#ignored++,
    });
  }

  #close(): void {
    this.#feed?.close();
    this.#feed = undefined;
  }

  #onLifecycle(event: LifecycleEvent): void {
    if (event === 'frozen') return this.#close();
    if (event === 'visible') this.#list.refresh();
    if (event === 'hidden' || event === 'offline' || !this.#isWanted) return;
    // A feed that begins now reads by itself.
    if (this.#feed) this.#feed.nudge();
    else this.#open();
  }

  #receive(messages: readonly Message[]): void {
    const claims = messages.filter((message) => claimsToBeAlert(message, this.#ports));
    const alerts = claims.flatMap((message) => parseAlert(message) ?? this.#ignore(message));
    this.#tell(this.#list.add(alerts));
  }

  #ignore({ id }: Message): [] {
    if (this.#nonsense.has(id)) return [];
    this.#ignored++;
    this.#nonsense.add(id);
    for (const oldest of this.#nonsense) {
      if (this.#nonsense.size <= NONSENSE_LIMIT) break;
      this.#nonsense.delete(oldest);
    }
    return [];
  }

  #tell(alerts: readonly ToldAlert[]): void {
    if (alerts.length > 0) this.#post({ kind: 'known', alerts });
  }

  #post(note: AlertNote): void {
    this.#ports.post(note);
  }
}
