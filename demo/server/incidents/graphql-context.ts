import type { Clock } from './clock.ts';
import type { IncidentDesk } from './desk.ts';
import type { Dialect } from './dialect.ts';
import type { IncidentStore } from './store.ts';

/** What every resolver is given. */
export interface GraphqlContext {
  readonly desk: IncidentDesk;
  readonly store: IncidentStore;
  readonly clock: Clock;
  readonly dialect: Dialect;
  /** Notes that a mutation has done something, for the report. */
  readonly mutated: (name: string, id: string) => void;
}
