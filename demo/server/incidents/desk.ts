import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { StreamEvent } from './events.ts';
import { isActive, type StoredAlert, type StoredIncident, type TimelineItem } from './model.ts';
import {
  DuplicateIncident,
  identity,
  NoSuchIncident,
  type AlertReport,
  type Placement,
  type Report,
  type Resolving,
} from './report.ts';
import type { IncidentStore } from './store.ts';

/** An alert that tells the same within this time of an active incident's beginning is that incident. */
const DUPLICATE_WINDOW_MS = 900_000;
/** Who acts over GraphQL, which has no notion of users. */
export const API_ACTOR = 'api';

/** What one change is about. `quietly`: without a new `updatedAt`, as the service's REST assigns. */
interface Change {
  with: Partial<StoredIncident>;
  entry?: Omit<TimelineItem, 'timestamp' | 'metadata'> & { metadata?: Readonly<Record<string, string>> };
  updateType: string;
  by?: string;
  quietly?: boolean;
}

/** Everything that can be done with incidents, and what subscribers are told of it. */
export class IncidentDesk {
  readonly #store: IncidentStore;
  readonly #clock: Clock;
  readonly #emit: (event: StreamEvent) => void;
  /** The newest incident by what it is about. */
  readonly #byFingerprint = new Map<string, string>();

  constructor(store: IncidentStore, clock: Clock, emit: (event: StreamEvent) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Throws {@link NoSuchIncident}. */
  get(id: string): StoredIncident {
    const incident = this.#store.get(id);
    if (!incident) throw new NoSuchIncident();
    return incident;
  }

  /** Throws {@link DuplicateIncident} when an active incident tells the same. */
  create(report: Report): StoredIncident {
    const original = this.#original(report);
    if (original) throw new DuplicateIncident(original.id);
    return this.place({ ...report }, API_ACTOR);
  }

  /** Makes an incident of it, or counts it to the one that tells the same already. */
  alert({ externalId, runbookUrl, annotations, ...report }: AlertReport): StoredAlert {
    const original = this.#original(report);
    const incident = original
      ? this.#change(original, {
          with: {},
          entry: {
            eventType: 'COMMENT_ADDED',
            actor: 'deduplication',
            description: `Another alert of ${report.source} tells the same`,
          },
          updateType: 'UPDATED',
        })
      : this.place({ ...report });
    const alert: StoredAlert = {
      id: randomUUID(),
      externalId: externalId ?? randomUUID(),
      source: report.source,
      timestamp: incident.updatedAt,
      severity: report.severity,
      alertType: report.type,
      title: report.title,
      description: report.description,
      labels: report.labels ?? {},
      affectedServices: report.affectedResources ?? [],
      runbookUrl: runbookUrl ?? null,
      annotations: annotations ?? {},
      incidentId: incident.id,
      deduplicated: original !== undefined,
    };
    this.#emit({ kind: 'alert', alert });
    return alert;
  }

  /** Adds an incident as it is told, whatever that is. `isSilent`: subscribers do not hear of it. */
  place(given: Placement, actor = 'system', isSilent = false): StoredIncident {
    const createdAt = given.createdAt ?? this.#clock.now();
    const incident: StoredIncident = {
      id: randomUUID(),
      updatedAt: createdAt,
      state: 'DETECTED',
      severity: 'P2',
      type: 'UNKNOWN',
      source: 'manual',
      title: 'Untitled incident',
      description: '',
      affectedResources: [],
      labels: {},
      assignees: [],
      related: [],
      resolution: null,
      timeline: [
        {
          timestamp: createdAt,
          eventType: 'CREATED',
          actor,
          description: 'Incident created',
          metadata: {},
        },
      ],
      ...given,
      createdAt,
    };
    this.#store.put(incident);
    this.#byFingerprint.set(identity(incident), incident.id);
    if (!isSilent) {
      this.#emit({ kind: 'created', incident });
      this.#tell(incident, 'CREATED', createdAt);
    }
    return incident;
  }

  setState(id: string, state: string, actor = API_ACTOR): StoredIncident {
    const incident = this.get(id);
    if (incident.state === state) return incident;
    return this.#change(incident, {
      with: { state },
      entry: {
        eventType: 'STATE_CHANGED',
        actor,
        description: `State changed from ${incident.state} to ${state}`,
        metadata: { old_state: incident.state, new_state: state },
      },
      updateType: 'STATE_CHANGED',
      by: actor,
    });
  }

  /** `quietly` is how REST does it: neither `updatedAt` nor the timeline tells of it. */
  assign(id: string, assignees: readonly string[], quietly = false): StoredIncident {
    const incident = this.get(id);
    if (sameTexts(incident.assignees, assignees)) return incident;
    return this.#change(incident, {
      with: { assignees: [...assignees] },
      ...(!quietly && {
        entry: {
          eventType: 'ASSIGNMENT_CHANGED',
          actor: API_ACTOR,
          description: `Assigned to ${assignees.join(', ') || 'nobody'}`,
        },
      }),
      updateType: 'ASSIGNED',
      quietly,
    });
  }

  escalate(id: string, severity: string, reason: string): StoredIncident {
    const incident = this.get(id);
    return this.#change(incident, {
      with: { severity },
      entry: {
        eventType: 'ESCALATED',
        actor: API_ACTOR,
        description: `Escalated from ${incident.severity} to ${severity}: ${reason}`,
        metadata: { old_severity: incident.severity, new_severity: severity, reason },
      },
      updateType: 'UPDATED',
    });
  }

  /** Repeating it overwrites the resolution. */
  resolve(id: string, { by, method, notes, rootCause }: Resolving): StoredIncident {
    const resolvedAt = this.#clock.now();
    return this.#change(this.get(id), {
      with: {
        state: 'RESOLVED',
        resolution: {
          resolvedAt,
          resolvedBy: by,
          resolutionMethod: method,
          rootCause: rootCause ?? null,
          notes,
        },
      },
      entry: { eventType: 'RESOLVED', actor: by, description: `Incident resolved: ${notes}` },
      updateType: 'RESOLVED',
      by,
    });
  }

  comment(id: string, text: string): StoredIncident {
    return this.#change(this.get(id), {
      with: {},
      entry: { eventType: 'COMMENT_ADDED', actor: API_ACTOR, description: text },
      updateType: 'COMMENT_ADDED',
    });
  }

  label(id: string, add: Readonly<Record<string, string>>, remove: readonly string[]): StoredIncident {
    const incident = this.get(id);
    const kept = Object.entries({ ...incident.labels, ...add }).filter(([key]) => !remove.includes(key));
    return this.edit(id, { labels: Object.fromEntries(kept) });
  }

  /** In one direction only. */
  link(id: string, relatedId: string): StoredIncident {
    const incident = this.get(id);
    return this.edit(id, { related: [...new Set([...incident.related, this.get(relatedId).id])] });
  }

  /** Any change that has no event of its own. `isSilent`: subscribers do not hear of it. */
  edit(id: string, fields: Partial<StoredIncident>, isSilent = false): StoredIncident {
    return this.#change(this.get(id), { with: fields, updateType: isSilent ? '' : 'UPDATED' });
  }

  remove(id: string): boolean {
    return this.#store.remove(id);
  }

  clear(): void {
    this.#store.clear();
    this.#byFingerprint.clear();
  }

  #change(
    former: StoredIncident,
    { with: fields, entry, updateType, by = API_ACTOR, quietly = false }: Change,
  ): StoredIncident {
    const timestamp = this.#clock.now();
    const incident: StoredIncident = {
      ...former,
      ...(!quietly && { updatedAt: timestamp }),
      ...(entry && { timeline: [...former.timeline, { timestamp, metadata: {}, ...entry }] }),
      ...fields,
    };
    this.#store.put(incident);
    if (updateType === '') return incident;
    this.#tell(incident, updateType, timestamp);
    if (incident.state !== former.state) {
      const change = { incidentId: incident.id, oldState: former.state, newState: incident.state };
      this.#emit({ kind: 'state', change: { ...change, changedBy: by, timestamp } });
    }
    return incident;
  }

  #tell(incident: StoredIncident, updateType: string, timestamp: number): void {
    this.#emit({ kind: 'update', incident, update: { updateType, incidentId: incident.id, timestamp } });
  }

  #original(report: Report): StoredIncident | undefined {
    const incident = this.#store.get(this.#byFingerprint.get(identity(report)) ?? '');
    if (!incident || !isActive(incident)) return undefined;
    return this.#clock.time() - incident.createdAt < DUPLICATE_WINDOW_MS ? incident : undefined;
  }
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
