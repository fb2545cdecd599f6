import { RealtimeError } from '../protocol/errors.ts';
import type { Incident } from '../protocol/incident.ts';
import { byNewest, enumWord, parseIncident } from '../protocol/incident-parse.ts';
import type { IncidentPage, IncidentQuery } from './incident-source.ts';

const MAX_PAGE_SIZE = 100;
/** A server may not keep to the size of a page; beyond this it is hostile. */
const MAX_ROWS = 1_000;

/** Throws `input` for pages that no server has. */
export function checkQuery({ page, pageSize }: IncidentQuery): void {
  if (Number.isInteger(page) && page >= 0 && Number.isInteger(pageSize)) {
    if (pageSize >= 1 && pageSize <= MAX_PAGE_SIZE) return;
  }
  throw new RealtimeError('input', `page must be 0 or more, pageSize 1 to ${MAX_PAGE_SIZE}.`);
}

/** The rows that can be understood, each once, without those that `query` does not ask for: not every server can filter. */
export function readRows(
  raw: readonly unknown[],
  query: Pick<IncidentQuery, 'severities' | 'activeOnly'>,
): Pick<IncidentPage, 'incidents' | 'malformed'> {
  const rows = raw.slice(0, MAX_ROWS);
  const found = new Map<string, Incident>();
  let malformed = raw.length - rows.length;
  for (const row of rows) {
    const incident = parseIncident(row);
    if (incident) found.set(incident.id, incident);
    else malformed += 1;
  }
  const severities = query.severities?.length ? new Set(query.severities.map(enumWord)) : undefined;
  const incidents = [...found.values()].filter(
    ({ severity, phase }) => (severities?.has(severity) ?? true) && !(query.activeOnly && phase === 'done'),
  );
  return { incidents: incidents.sort(byNewest), malformed };
}

/** A number of incidents; `undefined` for what cannot be one. */
export function countOf(raw: unknown): number | undefined {
  return Number.isSafeInteger(raw) && (raw as number) >= 0 ? (raw as number) : undefined;
}

/** Whether a page is followed by another, where the server does not say: by the total, else if this one is full. */
export function isFollowed(
  { page, pageSize }: IncidentQuery,
  rows: number,
  total: number | undefined,
): boolean {
  return total === undefined ? rows >= pageSize : rows > 0 && (page + 1) * pageSize < total;
}

/**
 * What a question came to that was written by what the server had told of itself. Where it refuses one all the same, it has
 * become another server: nobody's arguments are wrong, and it has to be probed again.
 */
export async function understood<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (reason) {
    if (!(reason instanceof RealtimeError) || reason.code !== 'input') throw reason;
    const { status, retryAfterMs } = reason;
    const message = 'The incident server does not understand what it understood before.';
    throw new RealtimeError('protocol', message, { status, retryAfterMs });
  }
}

/** The refusal of an action that the server does not have. */
export function cannot(): RealtimeError {
  return new RealtimeError('input', 'This server cannot do that.');
}
