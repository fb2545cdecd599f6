import fc from 'fast-check';
import type { Product } from './product.ts';
import { runSchedule, type Outcome } from './run.ts';
import { schedules, type Schedule, type Scope } from './schedule.ts';

/** What a schedule may have, from one tab without faults of its storage to two accounts in several tabs. */
const SCOPES = {
  network: { storage: false, tabs: false, accounts: false, maxCommands: 25 },
  storage: { storage: true, tabs: false, accounts: false, maxCommands: 30 },
  tabs: { storage: true, tabs: true, accounts: false, maxCommands: 35 },
  accounts: { storage: true, tabs: true, accounts: true, maxCommands: 40 },
} satisfies Record<string, Scope>;
type ScopeName = keyof typeof SCOPES;

/** How often each comes up. */
const ROUND: readonly ScopeName[] = [
  'network',
  'storage',
  'tabs',
  'accounts',
  'tabs',
  'storage',
  'tabs',
  'accounts',
];
const ARBITRARIES = new Map(ROUND.map((name) => [name, schedules(SCOPES[name])]));
const SHRINK_LIMIT_MS = 60_000;

export function scopeOf(seed: number): ScopeName {
  return ROUND[seed % ROUND.length] ?? 'accounts';
}

function arbitraryOf(seed: number): fc.Arbitrary<Schedule> {
  return ARBITRARIES.get(scopeOf(seed)) ?? schedules(SCOPES.accounts);
}

/** The schedule that `seed` stands for. */
export function scheduleOf(seed: number): Schedule {
  const [schedule] = fc.sample(arbitraryOf(seed), { seed, numRuns: 1 });
  if (!schedule) throw new Error('No schedule was made.');
  return schedule;
}

/** The smallest schedule that was found to break something like `seed` does. */
export async function shrink(product: Product, seed: number): Promise<Schedule> {
  const { violations } = await runSchedule(product, scheduleOf(seed));
  const kinds = new Set(violations.map(({ kind }) => kind));
  const holds = fc.asyncProperty(arbitraryOf(seed), async (schedule) => {
    const outcome = await runSchedule(product, schedule);
    return !outcome.violations.some(({ kind }) => kinds.has(kind));
  });
  const { counterexample } = await fc.check(holds, {
    seed,
    numRuns: 1,
    // Not interrupted in the middle of a run: what it took over would stay.
    skipAllAfterTimeLimit: SHRINK_LIMIT_MS,
  });
  return counterexample?.[0] ?? scheduleOf(seed);
}

/** A schedule in the form that `regressions.test.ts` keeps, one command a line. */
export function print({ commands, ...world }: Schedule): string {
  const lines = commands.map((command) => `  ${JSON.stringify(command)},`);
  return `${JSON.stringify(world)} with\n${lines.join('\n')}`;
}

/** What went wrong, in one text: for the message of a failing test. */
export function describe(outcome: Outcome): string {
  return outcome.violations
    .slice(0, 5)
    .map(({ kind, detail, at }) => `${kind} at ${at.toFixed(0)} ms: ${detail}`)
    .join('\n');
}
