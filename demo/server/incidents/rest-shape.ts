import { randomUUID } from 'node:crypto';
import { formatInstant, type TimeStyle } from './clock.ts';
import { METHODS, SEVERITIES, STATES, TYPES, type StoredIncident } from './model.ts';

/** An incident as REST tells it: snake_case, PascalCase enums, instants with `Z`. */
export function restIncident(incident: StoredIncident, time: TimeStyle) {
  const instant = (ms: number) => formatInstant(ms, time);
  const { resolution } = incident;
  return {
    id: incident.id,
    created_at: instant(incident.createdAt),
    updated_at: instant(incident.updatedAt),
    state: pascal(incident.state),
    severity: incident.severity,
    incident_type: pascal(incident.type),
    source: incident.source,
    title: incident.title,
    description: incident.description,
    affected_resources: incident.affectedResources,
    labels: incident.labels,
    assignees: incident.assignees,
    resolution: resolution && {
      resolved_at: instant(resolution.resolvedAt),
      resolved_by: resolution.resolvedBy,
      resolution_method: pascal(resolution.resolutionMethod),
      root_cause: resolution.rootCause,
      notes: resolution.notes,
    },
  };
}

/** The tree of spans that comes with some answers; of no use to a client. */
export function execution(id: string | undefined, parent: string | undefined) {
  const execution_id = id ?? randomUUID();
  const span = { span_id: randomUUID(), name: 'incident-manager', children: [] };
  return { execution_id, repo_span: { ...span, parent_span_id: parent ?? null } };
}

/** A body that is JSON, but not of the right shape; the message says how. */
export class WrongShape extends Error {
  constructor(what: string) {
    super(`Failed to deserialize the JSON body into the target type: ${what}`);
    this.name = 'WrongShape';
  }
}

/** Reads the members of a body. Each method throws {@link WrongShape}. */
export class Shape {
  readonly #body: Record<string, unknown>;

  constructor(body: Record<string, unknown>) {
    this.#body = body;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new WrongShape(`missing field \`${name}\``);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#body[name] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw new WrongShape(`${name}: invalid type, expected a string`);
  }

  optionalTexts(name: string): readonly string[] | undefined {
    const value = this.#body[name] ?? undefined;
    if (value === undefined || (Array.isArray(value) && value.every((each) => typeof each === 'string'))) {
      return value;
    }
    throw new WrongShape(`${name}: invalid type, expected a sequence`);
  }

  severity(): string {
    return this.#word('severity', this.text('severity'), SEVERITIES);
  }

  type(name: string): string {
    return this.#word(name, this.text(name), TYPES);
  }

  method(): string {
    return this.#word('method', this.text('method'), METHODS);
  }

  optionalState(): string | undefined {
    const state = this.optionalText('state');
    return state === undefined ? undefined : this.#word('state', state, STATES);
  }

  /** Words are written with regard to case. */
  #word(name: string, given: string, words: readonly string[]): string {
    const word = words.find((each) => pascal(each) === given);
    if (word === undefined) throw new WrongShape(`${name}: unknown variant \`${given}\``);
    return word;
  }
}

/** `AUTO_ASSISTED_MANUAL` → `AutoAssistedManual`; `P0` stays. */
function pascal(word: string): string {
  return word.replaceAll(
    /([A-Z])([A-Z]*)_?/g,
    (_all, first: string, rest: string) => first + rest.toLowerCase(),
  );
}
