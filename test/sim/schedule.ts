import fc from 'fast-check';
import type { ReadFault, SendFault } from './faults.ts';

/** One thing that happens, `after` milliseconds behind the one before. Tabs are named by a number, taken modulo those open. */
export type Command = { readonly after: number } & (
  | {
      readonly do: 'send';
      readonly tab: number;
      readonly to: number;
      readonly priority: Priority;
      readonly count: number;
    }
  | {
      readonly do: 'open';
      readonly account: number;
      readonly named: boolean;
      readonly storage: 'allowed' | 'denied' | 'absent';
    }
  | {
      readonly do: 'kill' | 'reload' | 'close' | 'hide' | 'show' | 'logout' | 'retry-now' | 'retry-all';
      readonly tab: number;
    }
  | { readonly do: 'freeze'; readonly tab: number; readonly ms: number; readonly told: boolean }
  | { readonly do: 'discard' | 'retry' | 'edit'; readonly tab: number; readonly pick: number }
  | { readonly do: 'draft'; readonly tab: number; readonly to: number }
  | { readonly do: 'sleep'; readonly ms: number; readonly counts: boolean }
  | { readonly do: 'clock'; readonly ms: number }
  | { readonly do: 'offline'; readonly ms: number }
  | { readonly do: NetworkWindow; readonly ms: number }
  | { readonly do: 'slow'; readonly ms: number; readonly extra: number }
  | { readonly do: 'sluggish'; readonly ms: number; readonly extra: number }
  | { readonly do: 'cut' | 'strand' | 'expire-tokens' }
  | { readonly do: 'hub-close'; readonly reconnect: boolean; readonly code: number }
  | { readonly do: 'send-fault'; readonly kind: SendFault; readonly ms: number; readonly count: number }
  | { readonly do: 'read-fault'; readonly kind: ReadFault; readonly ms: number; readonly count: number }
  | { readonly do: 'storage'; readonly kind: 'quota' | 'failing' | 'blocked' | 'slow'; readonly ms: number }
  | { readonly do: 'stranger' | 'crowd'; readonly to: number }
);

export type Priority = 'high' | 'normal' | 'low';
export type NetworkWindow = 'down' | 'blackHole' | 'noSockets' | 'noStreams' | 'silent' | 'noTokens';

/** A whole run: what the world is like, and what happens in it. */
export interface Schedule {
  readonly seed: number;
  readonly deduplicates: boolean;
  readonly locks: boolean;
  readonly commands: readonly Command[];
}

/** Which families of commands a schedule has. */
export interface Scope {
  readonly storage: boolean;
  readonly tabs: boolean;
  readonly accounts: boolean;
  readonly maxCommands: number;
}

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** Milliseconds that matter here: moments, seconds, and now and then minutes. */
const gap = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
);
const span = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 50, max: 4_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1_000, max: 40_000 }) },
);
const tab = fc.nat({ max: 3 });
const few = fc.integer({ min: 1, max: 3 });
const sendFault = fc.constantFrom<SendFault>(
  'cut-before',
  'cut-after',
  'arrives-late',
  'error-before',
  'error-after',
  'slow',
  'slow-answer',
  'doubled',
  'unauthorized',
  'rate-limited',
);
const readFault = fc.constantFrom<ReadFault>('error', 'cut', 'slow-answer', 'rate-limited');

type Draft = Command extends infer One ? (One extends Command ? Omit<One, 'after'> : never) : never;
type Weighted = fc.WeightedArbitrary<Draft>;

function commands(scope: Scope): fc.Arbitrary<Draft> {
  const one = (weight: number, model: { readonly [name: string]: fc.Arbitrary<unknown> }): Weighted => ({
    weight,
    arbitrary: fc.record(model) as fc.Arbitrary<Draft>,
  });
  const is = <Name extends string>(...names: Name[]) => fc.constantFrom(...names);
  const priority = fc.oneof(
    { weight: 6, arbitrary: is('normal') },
    { weight: 1, arbitrary: is('high', 'low') },
  );
  const kinds: Weighted[] = [
    one(24, { do: is('send'), tab, to: fc.nat({ max: 2 }), priority, count: few }),
    one(14, { do: is('send-fault'), kind: sendFault, ms: span, count: few }),
    one(4, { do: is('read-fault'), kind: readFault, ms: span, count: few }),
    one(6, { do: is('cut', 'strand') }),
    one(2, { do: is('hub-close'), reconnect: fc.boolean(), code: is('1000', '1012', '1013').map(Number) }),
    one(6, { do: is('down', 'blackHole', 'noSockets', 'noStreams', 'silent', 'noTokens'), ms: span }),
    one(2, { do: is('slow'), ms: span, extra: fc.integer({ min: 200, max: 4_000 }) }),
    one(2, { do: is('offline'), ms: span }),
    one(1, { do: is('expire-tokens') }),
    one(2, { do: is('retry-now', 'retry-all', 'hide', 'show'), tab }),
    one(3, { do: is('discard', 'retry', 'edit'), tab, pick: fc.nat({ max: 5 }) }),
    one(3, { do: is('freeze'), tab, ms: span, told: fc.boolean() }),
    one(1, { do: is('sleep'), ms: span, counts: fc.boolean() }),
    one(1, { do: is('stranger', 'crowd'), to: fc.nat({ max: 2 }) }),
  ];
  if (scope.storage) {
    kinds.push(
      one(9, { do: is('kill', 'reload', 'reload', 'close'), tab }),
      one(4, { do: is('storage'), kind: is('quota', 'failing', 'blocked', 'slow'), ms: span }),
      one(2, { do: is('clock'), ms: fc.integer({ min: -HOUR_MS, max: HOUR_MS }) }),
      one(1, { do: is('draft'), tab, to: fc.nat({ max: 2 }) }),
    );
  }
  if (scope.tabs) {
    const account = scope.accounts ? fc.nat({ max: 1 }) : fc.constant(0);
    const storage = fc.oneof(
      { weight: 9, arbitrary: is('allowed') },
      { weight: 1, arbitrary: is('denied', 'absent') },
    );
    kinds.push(
      one(2, { do: is('sluggish'), ms: span, extra: fc.integer({ min: 5, max: 6_000 }) }),
      one(10, { do: is('open'), account, named: fc.boolean(), storage }),
      one(6, { do: is('hide', 'show'), tab }),
    );
  }
  if (scope.accounts) {
    kinds.push(
      one(1, { do: is('logout'), tab }),
      one(1, { do: is('clock'), ms: is('-1', '1').map((sign) => Number(sign) * YEAR_MS) }),
    );
  }
  return fc.oneof(...kinds);
}

/** Schedules of `scope`; they shrink to fewer and smaller commands. */
export function schedules(scope: Scope): fc.Arbitrary<Schedule> {
  const command = fc.tuple(gap, commands(scope)).map(([after, draft]) => ({ after, ...draft }));
  return fc.record({
    seed: fc.noShrink(fc.nat({ max: 0x7fff_ffff })),
    deduplicates: fc.boolean(),
    locks: scope.tabs
      ? fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) })
      : fc.boolean(),
    commands: fc.array(command, { minLength: 1, maxLength: scope.maxCommands, size: 'max' }),
  });
}
