/** The words of the service's own schema. Other dialects are translated from and into these. */
export const STATES = ['DETECTED', 'TRIAGED', 'INVESTIGATING', 'REMEDIATING', 'RESOLVED', 'CLOSED'] as const;
export const SEVERITIES = ['P0', 'P1', 'P2', 'P3', 'P4'] as const;
export const TYPES = [
  'INFRASTRUCTURE',
  'APPLICATION',
  'SECURITY',
  'DATA',
  'PERFORMANCE',
  'AVAILABILITY',
  'COMPLIANCE',
  'UNKNOWN',
] as const;
export const METHODS = ['AUTOMATED', 'MANUAL', 'AUTO_ASSISTED_MANUAL'] as const;

export interface TimelineItem {
  /** Milliseconds since 1970, with fractions. */
  readonly timestamp: number;
  readonly eventType: string;
  readonly actor: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface StoredResolution {
  readonly resolvedAt: number;
  readonly resolvedBy: string;
  readonly resolutionMethod: string;
  readonly rootCause: string | null;
  readonly notes: string;
}

/** Immutable: every change makes a new one, so that an event holds what was true when it happened. */
export interface StoredIncident {
  readonly id: string;
  /** Milliseconds since 1970, with fractions. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** One of {@link STATES}, or whatever a test has put there. */
  readonly state: string;
  readonly severity: string;
  readonly type: string;
  readonly source: string;
  readonly title: string;
  readonly description: string;
  readonly affectedResources: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly assignees: readonly string[];
  readonly related: readonly string[];
  readonly resolution: StoredResolution | null;
  readonly timeline: readonly TimelineItem[];
}

export interface StoredAlert {
  readonly id: string;
  readonly externalId: string;
  readonly source: string;
  readonly timestamp: number;
  readonly severity: string;
  readonly alertType: string;
  readonly title: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly affectedServices: readonly string[];
  readonly runbookUrl: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly incidentId: string;
  readonly deduplicated: boolean;
}

export function isActive({ state }: Pick<StoredIncident, 'state'>): boolean {
  return state !== 'RESOLVED' && state !== 'CLOSED';
}

export function isCritical({ severity }: Pick<StoredIncident, 'severity'>): boolean {
  return severity === 'P0' || severity === 'P1';
}
