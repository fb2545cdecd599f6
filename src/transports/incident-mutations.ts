import type { IncidentAction, IncidentPhase } from '../protocol/incident.ts';
import { enumWord, phaseOf } from '../protocol/incident-parse.ts';
import { Enum, fill, type Literal, type Values } from './incident-documents.ts';
import type { RootField } from './incident-schema.ts';
import { pick } from './incident-selection.ts';

/** What mutations are written from. */
export interface MutationFacts {
  readonly mutations: ReadonlyMap<string, RootField>;
  /** Words of the server for states, severities and ways to resolve, as it spells them. Empty where it has no enum. */
  readonly states: readonly string[];
  readonly severities: readonly string[];
  readonly resolutionMethods: readonly string[];
  /** What to select of an incident. */
  readonly selection: string;
}

/** A way to do something: a mutation, what goes into it, and what it must take of that to be one. */
interface Recipe {
  readonly field: string;
  readonly values: Values;
  readonly needs?: readonly string[];
}

const METHODS: Readonly<Record<string, RegExp>> = {
  manual: /^MANUAL$/,
  automated: /^AUTOMATED$/,
  'auto-assisted': /^AUTO_ASSISTED/,
};

/** Who did it, where a server insists on a name and nobody gave one. */
export const ANONYMOUS = 'incident-feed';

/** The mutation that does `action`, its result named `result`; `undefined` where the server has none that can. */
export function mutationDocument(
  facts: MutationFacts,
  action: IncidentAction,
  actor: string | undefined,
): string | undefined {
  const common = { id: action.id, incidentId: action.id, actor, resolvedBy: actor };
  const fallbacks = { actor: ANONYMOUS, resolvedBy: ANONYMOUS, notes: '', reason: '' };
  for (const { field, values, needs } of recipes(facts, action)) {
    const mutation = facts.mutations.get(field);
    if (!mutation) continue;
    const groups = [['id', 'incidentId'], ...(needs ? [needs] : [])];
    const args = fill(mutation.args, { ...common, ...values }, fallbacks, groups);
    if (args !== undefined) {
      return `mutation IncidentAction { result: ${field}${args}${result(mutation, facts.selection)} }`;
    }
  }
  return undefined;
}

/** Whether `severity` can be set. Where the server has no enum for it, any can. */
export function severityLiteral({ severities }: MutationFacts, severity: string): Literal | undefined {
  return literal(severities, severity, (word) => word === enumWord(severity));
}

function recipes(facts: MutationFacts, action: IncidentAction): Recipe[] {
  switch (action.kind) {
    case 'acknowledge':
      return [{ field: 'acknowledgeIncident', values: {} }, stateRecipe(facts, 'acknowledged')];
    case 'reopen':
      // Somebody has just looked at it and found it unfinished: it is being worked on, and not one that nobody has seen.
      return [
        { field: 'reopenIncident', values: {} },
        stateRecipe(facts, 'working'),
        stateRecipe(facts, 'open'),
      ];
    case 'assign': {
      const { assignees } = action;
      // A server with room for one must not lose the others without a word.
      const one = assignees.length === 1 ? assignees[0] : undefined;
      const values = { assignees, assignedTo: one, assignee: one };
      const needs = ['assignees', 'assignedTo', 'assignee'];
      return [
        { field: 'assignIncident', values, needs },
        { field: 'updateIncident', values, needs },
      ];
    }
    case 'escalate': {
      const severity = severityLiteral(facts, action.severity);
      const values = { newSeverity: severity, severity, reason: action.reason };
      return [{ field: 'escalateIncident', values, needs: ['newSeverity', 'severity'] }];
    }
    case 'resolve': {
      const { notes, rootCause } = action;
      const method = literal(facts.resolutionMethods, action.method, (word) =>
        METHODS[action.method]?.test(word),
      );
      const values = { method, resolutionMethod: method, notes, rootCause };
      // Not by a change of state alone: what was written down would be lost.
      return [{ field: 'resolveIncident', values, needs: ['notes'] }];
    }
    case 'comment': {
      const { text } = action;
      const values = { comment: text, text, content: text };
      return [{ field: 'addComment', values, needs: Object.keys(values) }];
    }
  }
}

function stateRecipe({ states }: MutationFacts, phase: IncidentPhase): Recipe {
  const word = states.find((state) => phaseOf(state) === phase);
  const state = word === undefined ? undefined : new Enum(word);
  return { field: 'updateIncident', values: { state, status: state }, needs: ['state', 'status'] };
}

/** The server's word that `fits`; `text` where it has no words of its own. */
function literal(
  words: readonly string[],
  text: string,
  fits: (word: string) => boolean | undefined,
): Literal | undefined {
  const word = words.find((each) => fits(enumWord(each)));
  if (word !== undefined) return new Enum(word);
  return words.length === 0 ? text : undefined;
}

/** Selects the incident, bare or in an object around it; what gives neither is read afterwards. */
function result({ returns: { fields } }: RootField, selection: string): string {
  if (!fields) return '';
  if (fields.has('incident')) return ` { ${pick(fields, 'success').join('')} incident { ${selection} } }`;
  return fields.has('createdAt') && fields.has('title') ? ` { ${selection} }` : ' { __typename }';
}
