import type { FaultEntry } from '../fault-entry.ts';
import { ControlError, type FaultParameters } from '../fault-parameters.ts';

const MAX_PER_SECOND = 5_000;

/** What happens by itself, and what subscribers hear of it. */
export const eventFaults: Readonly<Record<string, FaultEntry>> = {
  'incidents-generate': {
    params: 'perSecond: number, seconds?: number, updates?: 0..1 = 0.3, duplicates?: 0..1 = 0.05',
    what: `Lets incidents happen, up to ${MAX_PER_SECOND} a second: new ones, changes to old ones, alerts that tell what is known. 0 ends it.`,
    plan(read, { incidents: { generator } }) {
      const perSecond = read.number('perSecond');
      if (perSecond > MAX_PER_SECOND)
        throw new ControlError(`"perSecond" must be at most ${MAX_PER_SECOND}.`);
      const seconds = read.number('seconds', 1e9);
      const [updates, duplicates] = [share(read, 'updates', 0.3), share(read, 'duplicates', 0.05)];
      return () => generator.run({ perSecond, seconds, updates, duplicates });
    },
  },
  'incidents-drop-events': {
    params: 'count?: number, on?: boolean = true',
    what: 'Events are lost on the way, on connections that are well: the next so many, or all until it is switched off.',
    plan(read, { incidents: { switches } }) {
      const on = read.flag('on', true);
      const left = on ? read.count(Infinity) : 0;
      return () => switches.set('incidents-drop-events', { left });
    },
  },
  'incidents-duplicate-events': {
    params: 'times: number, count?: number',
    what: 'Each of the next events comes so many times more. 0 ends it.',
    plan(read, { incidents: { switches } }) {
      const times = read.number('times');
      const left = times === 0 ? 0 : read.count(Infinity);
      return () => switches.set('incidents-duplicate-events', { left, times });
    },
  },
  'incidents-reorder-events': {
    params: 'on: boolean',
    what: 'Events are collected for 50 ms and come in the wrong order.',
    plan(read, { incidents: { switches } }) {
      const on = read.flag('on');
      return () => switches.set('incidents-reorder-events', { on });
    },
  },
  'incidents-heartbeats': {
    params: 'on?: boolean = true, everyMs?: number = 5000',
    what: 'Heartbeats of incidentUpdates: the first at once, then one after each such time.',
    plan(read, { incidents: { switches, live } }) {
      const on = read.flag('on', true);
      const everyMs = read.number('everyMs', 5_000);
      return () => {
        switches.set('incidents-heartbeats', { on, everyMs });
        live.restartHeartbeats();
      };
    },
  },
};

function share(read: FaultParameters, name: string, fallback: number): number {
  const value = read.number(name, fallback);
  if (value > 1) throw new ControlError(`"${name}" must be at most 1.`);
  return value;
}
