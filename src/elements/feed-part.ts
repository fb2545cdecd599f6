import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ActionReceipt, IncidentClient } from '../client/incident-types.ts';
import { acquireIncidents } from '../context/shared-incidents.ts';
import type { SharedResource } from '../context/shared-resource.ts';
import { RealtimeError } from '../protocol/errors.ts';
import type { IncidentActionKind, ResolutionMethod } from '../protocol/incident.ts';
import type { Undo } from '../protocol/emitter.ts';
import type { ClientController } from './client-controller.ts';
import { XiansErrorEvent } from './events.ts';
import { FeedView } from './feed-view.ts';
import type { IncidentFeedElement } from './incident-feed.ts';
import { speak } from './language-controller.ts';

const NO_ADDRESS = new RealtimeError(
  'input',
  'This feed needs the attribute incidents-url, or an xians-provider with it around.',
);

/** What a page calls on the element. */
export type FeedMethod = 'refresh' | IncidentActionKind;

/** How an incident was resolved. */
export interface ResolveInput {
  method?: ResolutionMethod;
  notes?: string;
  rootCause?: string;
}

/** What `host` consists of, once it has its words. */
export async function openPart(host: IncidentFeedElement, connection: ClientController): Promise<FeedPart> {
  await speak(host);
  return new FeedPart(host, connection);
}

/** What an `<incident-feed>` consists of beside its attributes: where its incidents come from, and what shows them. */
export class FeedPart implements ReactiveController {
  readonly #host: IncidentFeedElement & ReactiveControllerHost;
  readonly #connection: ClientController;
  readonly #view: FeedView;
  /** The client of the element's own attributes, while the element is in the document. */
  #own: SharedResource<IncidentClient> | undefined;
  #release: Undo | undefined;
  /** What the present `openFeed` asks. */
  #source: object | undefined;
  #told: unknown;

  constructor(host: IncidentFeedElement, connection: ClientController) {
    this.#host = host;
    this.#connection = connection;
    host.addController(this);
    this.#view = new FeedView(host);
  }

  hostDisconnected(): void {
    this.#take(undefined);
    this.#host.openFeed = this.#source = undefined;
  }

  hostConnected(): void {
    this.#host.requestUpdate();
  }

  /** Takes what the host's attributes and the provider around it say now. */
  update(): void {
    const host = this.#host;
    if (!host.isConnected) return;
    const problem = this.#choose();
    host.problem = problem;
    if (problem instanceof RealtimeError && problem !== this.#told) {
      host.dispatchEvent(new XiansErrorEvent(problem));
    }
    this.#told = problem;
  }

  render(): unknown {
    return this.#view.render();
  }

  refresh(): Promise<void> {
    return this.#view.refresh();
  }

  acknowledge(id: string): Promise<ActionReceipt> {
    return this.#view.act({ kind: 'acknowledge', id });
  }

  assign(id: string, who: string | readonly string[]): Promise<ActionReceipt> {
    return this.#view.act({ kind: 'assign', id, assignees: typeof who === 'string' ? [who] : who });
  }

  escalate(id: string, severity: string, reason: string): Promise<ActionReceipt> {
    return this.#view.act({ kind: 'escalate', id, severity, reason });
  }

  resolve(id: string, input?: ResolveInput): Promise<ActionReceipt> {
    return this.#view.act({ method: 'manual', notes: '', ...input, kind: 'resolve', id });
  }

  comment(id: string, text: string): Promise<ActionReceipt> {
    return this.#view.act({ kind: 'comment', id, text });
  }

  reopen(id: string): Promise<ActionReceipt> {
    return this.#view.act({ kind: 'reopen', id });
  }

  #choose(): IncidentFeedElement['problem'] {
    const host = this.#host;
    if (host.consent === false) return this.#block('consent');
    return host.incidentsUrl?.trim() ? this.#useOwn() : this.#useProvider();
  }

  #useOwn(): IncidentFeedElement['problem'] {
    try {
      const own = acquireIncidents(this.#host);
      this.#take(own);
      return this.#open(own, async (filter) => (await own.load()).feed(filter));
    } catch (error) {
      return this.#block(RealtimeError.from(error, 'input', 'These attributes cannot work.'));
    }
  }

  #useProvider(): IncidentFeedElement['problem'] {
    const { shared, provided } = this.#connection;
    if (shared && !shared.blocked) {
      this.#take(undefined);
      return this.#open(shared, async (filter) => (await shared.load()).incidents(filter));
    }
    // A provider may speak later, or be defined later.
    const isExpected = provided || this.#host.closest('xians-provider') !== null;
    return this.#block(shared?.blocked ?? (isExpected ? undefined : NO_ADDRESS));
  }

  /** A function stays the same while it asks the same, so that the view keeps its feed. */
  #open(source: object, openFeed: NonNullable<IncidentFeedElement['openFeed']>): undefined {
    if (source === this.#source) return;
    this.#source = source;
    this.#host.openFeed = openFeed;
  }

  #block(problem: IncidentFeedElement['problem']): IncidentFeedElement['problem'] {
    this.#take(undefined);
    this.#host.openFeed = this.#source = undefined;
    return problem;
  }

  #take(own: SharedResource<IncidentClient> | undefined): void {
    if (own === this.#own) return;
    const release = this.#release;
    this.#own = own;
    this.#release = own?.retain();
    release?.();
  }
}
