import type { Incident } from '../protocol/incident.ts';

/** Fields that are compared as they are. */
const PLAIN = [
  'updatedAt',
  'state',
  'severity',
  'title',
  'description',
  'type',
  'source',
  'createdAt',
  'id',
] as const;

/** Whether both say the same. What one of them does not tell counts as equal. */
export function isSame(one: Incident, other: Incident): boolean {
  return (
    one === other ||
    (PLAIN.every((name) => one[name] === other[name]) &&
      isSameList(one.affectedResources, other.affectedResources) &&
      (!one.assignees || !other.assignees || isSameList(one.assignees, other.assignees)))
  );
}

/** `incident` with what it does not tell as it was `before`. */
export function completed(incident: Incident, before: Incident): Incident {
  if (incident.assignees || !before.assignees) return incident;
  return { ...incident, assignees: before.assignees };
}

export function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}
