import type { ServerContext } from './context.ts';
import type { FaultParameters } from './fault-parameters.ts';
import type { FaultSettings } from './faults.ts';

/** What a fault did, for the answer. */
export type Effect = () => Record<string, unknown> | void;

export interface FaultEntry {
  /** The parameters, in words. */
  params: string;
  /** What it does, in words. */
  what: string;
  /** Reads and checks all parameters; the effect then cannot fail half-way. */
  plan: (read: FaultParameters, context: ServerContext) => Effect;
}

/** A fault that is on or off. */
export function toggle(name: BooleanFault, what: string): FaultEntry {
  return {
    params: 'on: boolean',
    what,
    plan(read, { faults }) {
      const on = read.flag('on');
      return () => faults.set(name, on);
    },
  };
}

type BooleanFault = {
  [Name in keyof FaultSettings]: FaultSettings[Name] extends boolean
    ? boolean extends FaultSettings[Name]
      ? Name
      : never
    : never;
}[keyof FaultSettings];
