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
type AlertNews =
  /** `leads`: whoever tells has the stream for all. */
  | { readonly kind: 'known'; readonly leads: boolean; readonly alerts: readonly ToldAlert[] }
  | { readonly kind: 'ask' }
  /** Whoever had the stream for all has it no longer. */
  | { readonly kind: 'bye' };

/** Pages of one site may ask for different alerts, or for none. */
type AlertNote = AlertNews & { readonly of: string };

/** As long as a tab that has the stream may take to answer. */
const ANSWER_MS = 3_000;
const NONSENSE_LIMIT = 300;

/**
 * System alerts of one participant: a stream of its own in the tab that has the connection, gaps filled from history, and
 * what is found passed on to the other tabs. A tab that follows one which asks for no such alerts has a stream itself.
 * Nothing is told while the page is hidden.
 */
export class AlertStream {
  readonly #ports: AlertPorts;
  readonly #list: AlertList;
  readonly #unwatch: Undo;
  readonly #of: string;
  #role: 'none' | 'lead' | 'follow' = 'none';
  #feed: AlertFeed | undefined;
  #cancelWait: Undo | undefined;
  #ignored = 0;
  /** Ids of what was ignored last: history brings it again. */
  readonly #nonsense = new Set<string>();

  /** Nothing is requested before {@link start}, and nothing asked before {@link follow}. */
  constructor(ports: AlertPorts) {
    // As the server stores topics.
    this.#ports = { ...ports, topic: ports.topic?.trim() || undefined };
    this.#of = JSON.stringify([ports.workflow, this.#ports.topic]);
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
    this.#role = 'lead';
    this.#cancelWait?.();
    this.#open();
    this.#tell(this.#list.open);
  }

  /** Another tab has the connection: it is asked what it knows, and will tell what comes. */
  follow(): void {
    this.stop();
    this.#role = 'follow';
    this.#ask();
  }

  /** Closes the stream. What is known stays. */
  stop(): void {
    const role = this.#role;
    this.#role = 'none';
    this.#close();
    if (role === 'lead') this.#post({ kind: 'bye' });
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
    const told = (note ?? {}) as Partial<Record<'of' | 'kind' | 'leads' | 'alerts', unknown>>;
    if (told.of !== this.#of) return;
    if (told.kind === 'known') {
      if (told.leads === true && this.#role === 'follow') this.#close();
      this.#list.add(parseToldAlerts(told.alerts));
    } else if (told.kind === 'ask' && this.#role === 'lead') {
      this.#tell(this.#list.open);
    } else if (told.kind === 'bye' && this.#role === 'follow' && !this.#feed) {
      this.#ask();
    }
  }

  #ask(): void {
    this.#cancelWait?.();
    this.#cancelWait = this.#ports.environment.setTimer(() => this.#open(), ANSWER_MS);
    this.#post({ kind: 'ask' });
  }

  #open(): void {
    this.#feed ??= new AlertFeed({
      ...this.#ports,
      onMessages: (messages) => this.#receive(messages),
      onGarbled: () => this.#ignored++,
    });
  }

  #close(): void {
    this.#cancelWait?.();
    this.#feed?.close();
    this.#feed = undefined;
  }

  #onLifecycle(event: LifecycleEvent): void {
    if (event === 'frozen') return this.#close();
    if (event === 'visible') this.#list.refresh();
    if (event === 'hidden' || event === 'offline' || this.#role === 'none') return;
    if (this.#feed) this.#feed.nudge();
    // A feed that begins now reads by itself.
    else if (this.#role === 'lead') this.#open();
    // The tab that had the stream may be gone without a word.
    else this.#ask();
  }

  #receive(messages: readonly Message[]): void {
    const claims = messages.filter((message) => claimsToBeAlert(message, this.#ports));
    const alerts = claims.flatMap((message) => parseAlert(message) ?? this.#ignore(message));
    const news = this.#list.add(alerts);
    if (news.length > 0) this.#tell(news);
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
    this.#post({ kind: 'known', leads: this.#role === 'lead', alerts });
  }

  #post(news: AlertNews): void {
    this.#ports.post({ ...news, of: this.#of } satisfies AlertNote);
  }
}
