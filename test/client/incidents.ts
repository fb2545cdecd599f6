import type { Incident } from '../../src/protocol/incident.ts';
import { phaseOf } from '../../src/protocol/incident-words.ts';

/** 2026-01-01, by the server's clock. */
export const EPOCH = Date.UTC(2026, 0, 1);

/** An incident as a server would tell of it; `at` in seconds after {@link EPOCH}. */
export function incident(id: string, at: number, parts: Partial<Incident> = {}): Incident {
  const state = parts.state ?? 'DETECTED';
  return {
    id,
    title: `Incident ${id}`,
    description: '',
    severity: 'P2',
    state,
    phase: phaseOf(state),
    type: 'AVAILABILITY',
    source: 'test',
    affectedResources: [],
    assignees: [],
    createdAt: EPOCH + at * 1_000,
    updatedAt: EPOCH + at * 1_000,
    ...parts,
  };
}

/** `before`, changed `bySeconds` after it was. */
export function changed(before: Incident, parts: Partial<Incident>, bySeconds = 1): Incident {
  const state = parts.state ?? before.state;
  return {
    ...before,
    updatedAt: before.updatedAt + bySeconds * 1_000,
    ...parts,
    state,
    phase: phaseOf(state),
  };
}

export function ids(incidents: readonly Incident[]): string[] {
  return incidents.map(({ id }) => id);
}
