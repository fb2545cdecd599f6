/**
 * What has become of an incident, whatever words its server has for it. `unknown`: a word that nobody here knows; such an
 * incident counts as active.
 */
export type IncidentPhase = 'open' | 'acknowledged' | 'working' | 'done' | 'unknown';

/** An incident as every server tells of it. Immutable: every change is a new object. */
export interface Incident {
  /** UUID; the only key that is safe. */
  readonly id: string;
  /** One line, without control characters; at most 1,000 characters. */
  readonly title: string;
  /** At most 50,000 characters. Text, not markup. */
  readonly description: string;
  /** In capitals: `P0` (critical) to `P4` (informational), or whatever else the server says. */
  readonly severity: string;
  /** In capitals, as the server says: `DETECTED`, `IN_PROGRESS`, … An open set; see `phase`. */
  readonly state: string;
  readonly phase: IncidentPhase;
  /** In capitals; `undefined` where the server does not tell. */
  readonly type: string | undefined;
  readonly source: string;
  readonly affectedResources: readonly string[];
  /** `undefined` where the server does not tell. */
  readonly assignees: readonly string[] | undefined;
  /** Milliseconds since 1970 by the server's clock, with fractions where the server is that exact. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One entry of an incident's history. */
export interface TimelineEntry {
  /** Milliseconds since 1970 by the server's clock. */
  readonly at: number;
  /** In capitals: `STATE_CHANGED`, `COMMENT_ADDED`, … An open set. */
  readonly type: string;
  readonly actor: string;
  readonly description: string;
}

/** How an incident ended. */
export interface IncidentResolution {
  readonly at: number | undefined;
  readonly by: string;
  /** In capitals: `MANUAL`, `AUTOMATED`, `AUTO_ASSISTED_MANUAL`, … An open set. */
  readonly method: string;
  readonly notes: string;
  readonly rootCause: string | undefined;
}

/** What is read of one incident when somebody opens it. */
export interface IncidentDetails {
  readonly incident: Incident;
  /** Oldest first; `undefined` where the server does not tell. */
  readonly timeline: readonly TimelineEntry[] | undefined;
  readonly resolution: IncidentResolution | undefined;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
}

/** What a live stream tells. */
export type IncidentEvent =
  /** A new incident, whole. */
  | { readonly kind: 'created'; readonly incident: Incident }
  /** Something about an incident changed; what, is to be read. `timestamp` in milliseconds since 1970, by the server's clock. */
  | {
      readonly kind: 'changed';
      readonly incidentId: string;
      readonly updateType: string;
      readonly timestamp: number | undefined;
    }
  /** The subscription lives. */
  | { readonly kind: 'heartbeat'; readonly timestamp: number | undefined };

/** Something a person does about an incident. */
export type IncidentAction =
  | { readonly kind: 'acknowledge'; readonly id: string }
  /** Replaces the whole list. */
  | { readonly kind: 'assign'; readonly id: string; readonly assignees: readonly string[] }
  /** Sets the severity, also to a lower one. */
  | {
      readonly kind: 'escalate';
      readonly id: string;
      readonly severity: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'resolve';
      readonly id: string;
      readonly method: ResolutionMethod;
      /** May be empty. */
      readonly notes: string;
      readonly rootCause?: string;
    }
  | { readonly kind: 'comment'; readonly id: string; readonly text: string }
  | { readonly kind: 'reopen'; readonly id: string };

export type IncidentActionKind = IncidentAction['kind'];
export type ResolutionMethod = 'manual' | 'automated' | 'auto-assisted';

/** What a server can do, found out by asking it. */
export interface IncidentCapabilities {
  /** How incidents are read. */
  readonly via: 'graphql' | 'rest';
  /** What may be offered. Empty where the server does not tell what it can. */
  readonly actions: ReadonlySet<IncidentActionKind>;
  /** Whether {@link IncidentDetails.timeline} can be read. */
  readonly timeline: boolean;
  /** Severities that `escalate` may set, most severe first. */
  readonly severities: readonly string[];
}
