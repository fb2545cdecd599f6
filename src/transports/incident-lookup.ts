import type { Incident } from '../protocol/incident.ts';
import { parseId, parseIncident } from '../protocol/incident-parse.ts';
import type { IncidentDialect } from './incident-dialect.ts';
import { fill } from './incident-documents.ts';
import { graphqlFailures } from './incident-errors.ts';
import { inTurns } from './incident-gate.ts';
import { dataOf, failureOf } from './incident-result.ts';
import type { IncidentsById } from './incident-source.ts';
import type { Ask } from './incident-result.ts';

/** Fields of one request that servers allow. */
const MAX_COMPLEXITY = 100;

interface Found {
  readonly incidents: Incident[];
  readonly missing: string[];
}

/**
 * Reads incidents by id, several in one request. A server that does not know one of them may answer with nothing for all:
 * those that it names are left out, and the others asked for again; where it names none, in halves.
 */
export async function lookUp(
  dialect: IncidentDialect,
  ask: Ask,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<IncidentsById> {
  const size = Math.max(1, Math.floor(MAX_COMPLEXITY / (1 + dialect.cost)));
  const wanted = [...new Set(ids)];
  const batches = Array.from({ length: Math.ceil(wanted.length / size) }, (_, i) =>
    wanted.slice(i * size, (i + 1) * size),
  );
  return join(await inTurns(batches, (batch) => readBatch(dialect, ask, batch, signal)));
}

async function readBatch(
  dialect: IncidentDialect,
  ask: Ask,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Found> {
  const fields = ids.map((id, i) => `i${i}: ${incidentField(dialect, id, dialect.selection)}`);
  const result = await ask(`query IncidentsById { ${fields.join(' ')} }`, signal);
  const failures = graphqlFailures(result.errors);
  const data = dataOf(result);
  // "There is none" has to be said: by an error, or by `null`.
  const isSilent = failures.length === 0 && ids.some((_, i) => data[`i${i}`] === undefined);
  if (isSilent || failures.some(({ code }) => code !== 'not-found')) throw failureOf(result);
  const unknown = new Set(failures.map(({ root }) => root));
  const found: Found = { incidents: [], missing: [] };
  const rest: string[] = [];
  for (const [i, id] of ids.entries()) {
    const raw = data[`i${i}`];
    const incident = parseIncident(raw);
    if (incident && incident.id === parseId(id)) found.incidents.push(incident);
    // One that nobody can read is as good as none, as in a list.
    else if (raw || failures.length === 0 || unknown.has(`i${i}`)) found.missing.push(id);
    else rest.push(id);
  }
  if (rest.length === 0) return found;
  if (rest.length === 1 && ids.length === 1) return { ...found, missing: rest };
  const halves =
    rest.length < ids.length ? [rest] : [rest.slice(0, rest.length / 2), rest.slice(rest.length / 2)];
  return join([found, ...(await Promise.all(halves.map((half) => readBatch(dialect, ask, half, signal))))]);
}

/** The query for one incident; empty arguments would be refused, but `dialectOf()` has seen to it that there are some. */
export function incidentField({ incidentArgs }: IncidentDialect, id: string, selection: string): string {
  return `incident${fill(incidentArgs, { id, incidentId: id }) ?? ''} { ${selection} }`;
}

function join(found: readonly Found[]): Found {
  return {
    incidents: found.flatMap(({ incidents }) => incidents),
    missing: found.flatMap(({ missing }) => missing),
  };
}
