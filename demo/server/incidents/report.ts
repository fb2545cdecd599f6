import type { StoredIncident } from './model.ts';

/** What a report of trouble says. */
export interface Report {
  source: string;
  title: string;
  description: string;
  severity: string;
  type: string;
  affectedResources?: readonly string[];
  labels?: Readonly<Record<string, string>>;
}

export interface AlertReport extends Report {
  externalId?: string | undefined;
  runbookUrl?: string | undefined;
  annotations?: Readonly<Record<string, string>>;
}

/** What can be said of an incident that is put there for a test or a demonstration. */
export type Placement = Partial<StoredIncident>;

export interface Resolving {
  by: string;
  method: string;
  notes: string;
  rootCause?: string | null | undefined;
}

export class NoSuchIncident extends Error {
  constructor() {
    super('Incident not found');
    this.name = 'NoSuchIncident';
  }
}

export class DuplicateIncident extends Error {
  constructor(id: string) {
    super(`Duplicate incident detected: ${id}`);
    this.name = 'DuplicateIncident';
  }
}

/** What an incident is about; its SHA-256 is the fingerprint that GraphQL tells. */
export function identity({ source, type, title, affectedResources = [] }: Report): string {
  return [source, type, title, ...affectedResources].join('\n');
}
