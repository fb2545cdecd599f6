import type { FieldType } from './incident-schema.ts';

/** Fields that the code, its documents and the sample clients share; what is asked for where a server tells no schema. */
export const SHARED_FIELDS =
  'id title description severity state createdAt updatedAt source incidentType affectedResources';

/** What a feed shows of every incident; each by the names that servers have for it, the first of which is taken. */
const ROW =
  'id title description severity state|status createdAt updatedAt source incidentType|category affectedResources assignees|assignedTo';
/** Read when one incident is opened. */
const MORE = 'timeline resolution labels|tags';

/** Who or what an object stands for, by the first of these that it has. */
const NAMES = 'name|displayName|username|email|id';
/** What is read of objects of which more than the name matters. */
const PARTS: Readonly<Record<string, string>> = {
  timeline: 'timestamp eventType|type actor description',
  resolution: 'resolvedAt resolvedBy resolutionMethod|method rootCause notes',
  labels: 'key value',
  tags: 'key value',
};

/** What to select of an incident whose type is `incident`, as GraphQL: for a row of a feed. */
export function rowSelection(incident: ReadonlyMap<string, FieldType>): string {
  return select(incident, ROW);
}

/** As {@link rowSelection}, with everything that belongs to one incident. */
export function detailsSelection(incident: ReadonlyMap<string, FieldType>): string {
  return select(incident, `${ROW} ${MORE}`);
}

/** What to select of an object with the fields `has`: of each group the first name that it has. */
export function pick(has: ReadonlySet<string>, groups: string): string[] {
  return groups.split(' ').flatMap((group) => group.split('|').find((name) => has.has(name)) ?? []);
}

function select(incident: ReadonlyMap<string, FieldType>, groups: string): string {
  return pick(new Set(incident.keys()), groups)
    .flatMap((name) => {
      const parts = incident.get(name)?.fields;
      if (!parts) return name;
      const inner = pick(parts, PARTS[name] ?? NAMES).join(' ');
      // An object of which nothing is known cannot be selected.
      return inner ? `${name} { ${inner} }` : [];
    })
    .join(' ');
}
