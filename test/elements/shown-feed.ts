import { html, LitElement } from 'lit';
import type {
  ActionReceipt,
  Freshness,
  IncidentFeed,
  IncidentFeedEvents,
  IncidentFilter,
  IncidentStatus,
  PendingAction,
} from '../../src/client/incident-types.ts';
import type { FeedHost } from '../../src/elements/feed-host.ts';
import { FeedView } from '../../src/elements/feed-view.ts';
import { Language } from '../../src/elements/language.ts';
import { theme } from '../../src/elements/theme.ts';
import { Emitter, type Undo } from '../../src/protocol/emitter.ts';
import type { RealtimeError } from '../../src/protocol/errors.ts';
import type {
  Incident,
  IncidentAction,
  IncidentActionKind,
  IncidentDetails,
} from '../../src/protocol/incident.ts';

// A feed without a client: what it shows is set from outside.

export const ALL_ACTIONS: readonly IncidentActionKind[] = [
  'acknowledge',
  'assign',
  'escalate',
  'resolve',
  'comment',
  'reopen',
];
let ids = 0;

/** A new open incident of medium severity, younger than those before, unless `part` says otherwise. */
export function incident(part: Partial<Incident> = {}): Incident {
  const number = ++ids;
  const createdAt = part.createdAt ?? Date.now() - 60_000 + number / 1_000;
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    title: `Incident ${number}`,
    description: 'Something is slow.',
    severity: 'P2',
    state: 'DETECTED',
    phase: 'open',
    type: 'APPLICATION',
    source: 'prometheus',
    affectedResources: ['api-1'],
    assignees: [],
    createdAt,
    updatedAt: createdAt,
    ...part,
  };
}

/** `count` of them, newest first. */
export function incidents(
  count: number,
  part: (index: number) => Partial<Incident> = () => ({}),
): Incident[] {
  return Array.from({ length: count }, (_, index) => incident(part(index))).reverse();
}

/** What the view shows of a feed, and what it has asked for. */
export class ShownFeed implements IncidentFeed {
  readonly #events = new Emitter<IncidentFeedEvents>();
  readonly calls: string[] = [];
  filter: IncidentFilter = {};
  incidents: readonly Incident[] = [];
  total: number | undefined;
  isLoading = false;
  hasMore = false;
  freshness: Freshness = { state: 'fresh', asOf: Date.now() };
  status: IncidentStatus = {
    state: 'live',
    reason: 'synced',
    since: Date.now(),
    until: undefined,
    mode: 'stream',
    isProven: true,
    everyMs: 30_000,
    error: undefined,
    capabilities: {
      via: 'graphql',
      actions: new Set(ALL_ACTIONS),
      timeline: true,
      severities: ['P0', 'P1', 'P2', 'P3', 'P4'],
    },
  };
  pending: readonly PendingAction[] = [];
  clockAheadMs = 0;
  /** How many views follow it. */
  opened = 0;
  /** What the next calls come to. */
  acting: (action: IncidentAction) => Promise<ActionReceipt> = () =>
    Promise.resolve({ id: 'a', outcome: 'applied' });
  detailing: (id: string) => Promise<IncidentDetails> = (id) =>
    Promise.resolve({
      incident: this.get(id) ?? incident({ id }),
      timeline: [{ at: Date.now(), type: 'DETECTED', actor: 'prometheus', description: 'Threshold crossed' }],
      resolution: undefined,
      labels: [{ key: 'team', value: 'core' }],
    });
  refreshing: () => Promise<void> = () => Promise.resolve();

  get known(): number {
    return this.incidents.length;
  }

  get listeners(): number {
    const names = ['change', 'received', 'updated', 'freshness', 'error'] as const;
    return names.reduce((sum, name) => sum + this.#events.count(name), 0);
  }

  get(id: string): Incident | undefined {
    return this.incidents.find((one) => one.id === id);
  }

  open(): Undo {
    this.opened++;
    return () => void this.opened--;
  }

  refresh(): Promise<void> {
    this.calls.push('refresh');
    return this.refreshing();
  }

  retryNow(): void {
    this.calls.push('retryNow');
  }

  details(id: string): Promise<IncidentDetails> {
    this.calls.push(`details ${id}`);
    return this.detailing(id);
  }

  act(action: IncidentAction): Promise<ActionReceipt> {
    this.calls.push(`${action.kind} ${action.id}`);
    return this.acting(action);
  }

  discard(actionId: string): Promise<boolean> {
    this.calls.push(`discard ${actionId}`);
    return Promise.resolve(true);
  }

  retry(actionId: string): Promise<boolean> {
    this.calls.push(`retry ${actionId}`);
    return Promise.resolve(true);
  }

  readonly on: IncidentFeed['on'] = (event, listener) => this.#events.on(event, listener);

  set(
    part: Partial<
      Pick<ShownFeed, 'incidents' | 'total' | 'isLoading' | 'hasMore' | 'pending' | 'clockAheadMs'>
    >,
  ): void {
    Object.assign(this, part);
    this.#events.emit('change', undefined);
  }

  setStatus(part: Partial<IncidentStatus>): void {
    this.status = { ...this.status, ...part };
    this.#events.emit('change', undefined);
  }

  setFreshness(state: Freshness['state'], asOf = this.freshness.asOf): void {
    this.freshness = { state, asOf };
    this.#events.emit('freshness', this.freshness);
    this.#events.emit('change', undefined);
  }

  /** New ones, as from the stream. */
  receive(...news: Incident[]): void {
    this.set({ incidents: [...[...news].reverse(), ...this.incidents] });
    this.#events.emit('received', news);
  }

  /** Changes of what is there. */
  update(id: string, part: Partial<Incident>): void {
    const changed: Incident[] = [];
    const rows = this.incidents.map((one) => {
      if (one.id !== id) return one;
      const next = { ...one, updatedAt: one.updatedAt + 1, ...part };
      changed.push(next);
      return next;
    });
    this.set({ incidents: rows });
    this.#events.emit('updated', changed);
  }

  tellError(error: RealtimeError): void {
    this.#events.emit('error', error);
  }
}

/** An element with the view of a feed in it. */
export class ShownFeedHost extends LitElement implements FeedHost {
  static override styles = [theme];
  static override properties = {
    severities: {},
    states: {},
    limit: {},
    activeOnly: {},
    groupBy: {},
    paused: {},
    actions: {},
    notify: {},
    link: {},
    language: {},
    heading: {},
    openFeed: {},
    problem: {},
  };

  declare severities: readonly string[];
  declare states: readonly string[];
  declare limit: number;
  declare activeOnly: boolean;
  declare groupBy: string;
  declare paused: boolean;
  declare actions: readonly string[] | undefined;
  declare notify: readonly string[];
  declare link: string | undefined;
  declare language: Language;
  declare heading: string | undefined;
  declare openFeed: FeedHost['openFeed'];
  declare problem: FeedHost['problem'];
  readonly feed = new ShownFeed();
  readonly filters: IncidentFilter[] = [];
  view: FeedView | undefined;
  /** How often it has drawn itself. */
  updates = 0;

  constructor() {
    super();
    this.severities = this.states = this.notify = [];
    this.limit = 100;
    this.activeOnly = this.paused = false;
    this.groupBy = '';
    this.language = new Language('en');
    this.openFeed = (filter) => {
      this.filters.push(filter);
      return Promise.resolve(this.feed);
    };
  }

  override firstUpdated() {
    queueMicrotask(() => {
      this.view = new FeedView(this);
      this.requestUpdate();
    });
  }

  override render() {
    this.updates++;
    return this.view?.render() ?? html``;
  }
}
customElements.define('test-feed-host', ShownFeedHost);
