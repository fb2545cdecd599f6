import type { TimeStyle } from './clock.ts';
import { STATES, TYPES } from './model.ts';

/** How the server says what it knows. The schema it serves changes with it, so that validation stays honest. */
export interface Dialect {
  /** The words for states: the service's code, its WebSocket reference, or its schema file. */
  readonly states: keyof typeof STATE_WORDS;
  readonly list: 'incidents' | 'edges';
  readonly field: 'state' | 'status';
  readonly type: 'incidentType' | 'category';
  /** `user`: `assignedTo { id name email }`. */
  readonly owner: 'assignees' | 'assignedTo' | 'user';
  readonly labels: 'list' | 'map';
  /** Pages counted from 0 or 1, or `first` and `after`. */
  readonly pages: 'zero' | 'one' | 'relay';
  /** What mutations return: the incident, or an object around it. */
  readonly results: 'plain' | 'payload';
  /** The service's five; `incidentUpdates` alone; those of the documents, which tell whole incidents; or none. */
  readonly subscriptions: 'all' | 'updates' | 'documents' | 'none';
  readonly introspection: 'allowed' | 'refused';
  readonly time: TimeStyle;
  /** Words that no client has heard of; the schema knows them. */
  readonly moreStates: readonly string[];
  readonly moreSeverities: readonly string[];
}

/** The service's own. */
export const codeDialect: Dialect = {
  states: 'code',
  list: 'incidents',
  field: 'state',
  type: 'incidentType',
  owner: 'assignees',
  labels: 'list',
  pages: 'zero',
  results: 'plain',
  subscriptions: 'all',
  introspection: 'allowed',
  time: 'offset9',
  moreStates: [],
  moreSeverities: [],
};

/** In the order of {@link STATES}. */
export const STATE_WORDS = {
  code: STATES,
  websocket: ['NEW', 'INVESTIGATING', 'IDENTIFIED', 'MONITORING', 'RESOLVED', 'CLOSED'],
  schema: ['NEW', 'ACKNOWLEDGED', 'IN_PROGRESS', 'ESCALATED', 'RESOLVED', 'CLOSED'],
} as const;

/** In the order of {@link TYPES}; several of ours may be one of theirs. */
const TYPE_WORDS = {
  code: TYPES,
  websocket: [
    'CAPACITY',
    'CONFIGURATION',
    'SECURITY',
    'DATA_INTEGRITY',
    'PERFORMANCE',
    'AVAILABILITY',
    'DEPENDENCY',
    'OTHER',
  ],
  schema: ['COST', 'OTHER', 'SECURITY', 'OTHER', 'PERFORMANCE', 'AVAILABILITY', 'COMPLIANCE', 'OTHER'],
} as const;

export function stateWords({ states, moreStates }: Dialect): readonly string[] {
  return [...STATE_WORDS[states], ...moreStates];
}

export function typeWords(dialect: Dialect): readonly string[] {
  return [...new Set<string>(typeTable(dialect))];
}

/** Our state in the words of the dialect. A word that is not ours stays as it is. */
export function stateOut(state: string, { states }: Dialect): string {
  return translated(state, STATES, STATE_WORDS[states]);
}

export function stateIn(word: string, { states }: Dialect): string {
  return translated(word, STATE_WORDS[states], STATES);
}

export function typeOut(type: string, dialect: Dialect): string {
  return translated(type, TYPES, typeTable(dialect));
}

export function typeIn(word: string, dialect: Dialect): string {
  return translated(word, typeTable(dialect), TYPES);
}

/** The classes of incidents go with the name of their field, and with the reference that the states are from. */
function typeTable({ states, type }: Dialect): readonly string[] {
  return TYPE_WORDS[type === 'category' ? 'schema' : states === 'websocket' ? 'websocket' : 'code'];
}

function translated(word: string, from: readonly string[], to: readonly string[]): string {
  return to[from.indexOf(word)] ?? word;
}
