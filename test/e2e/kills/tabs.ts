/**
 * `npm run test:tabs -- [--tabs=10] [--steps=200] [--seed=N] [--minutes=14]`
 *
 * Closes, crashes, freezes, hangs, thaws and opens tabs of one visitor while messages are written in them, and asks the
 * server how many connections there were, what was sent twice, and how long each hand-over took. The exit code is 0 when
 * the promise was kept.
 */
import { parseArgs } from 'node:util';
import { buildIfStale } from '../../support/build.ts';
import { findBrowser } from '../../support/browser.ts';
import { anySeed, Random } from './random.ts';
import { runTabs, type HandOver } from './tab-run.ts';
import { printTable } from './table.ts';
import { complaints } from './verdict.ts';

const { values } = parseArgs({
  options: {
    tabs: { type: 'string', default: '10' },
    steps: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(anySeed()) },
    minutes: { type: 'string', default: '14' },
  },
});
const seed = Number(values.seed);

buildIfStale(process.cwd());
process.env.CHROME_PATH = findBrowser('.cache').executablePath;
console.log(`Seed ${seed}`);
const result = await runTabs({
  random: new Random(seed),
  tabs: Number(values.tabs),
  steps: Number(values.steps),
  hangs: true,
  limitMs: Number(values.minutes) * 60_000,
  onProgress: (line) => process.stdout.write(`\r${line}   `),
});
console.log();

const { steps, overlaps, handOvers, duplicates } = result;
const unexplained = overlaps.filter(({ isOfHungTab }) => !isOfHungTab);
const longest = (list: readonly { ms: number }[]) => Math.max(0, ...list.map(({ ms }) => ms)).toFixed(0);
const table: (readonly [string, ...(string | number)[]])[] = [
  ['seed', seed],
  ['steps: close, crash', steps.close, steps.crash],
  ['steps: freeze, hang', steps.frozen, steps.hung],
  ['steps: thaw, open', steps.resume, steps.open],
  ['messages written, accepted', result.written, result.accepted],
  ['  not accepted within 12 s', result.ignored.length],
  ['  stored once, twice', result.storedOnce, duplicates.length],
  ['  lost, failed, still waiting', result.lost.length, result.failed.length, result.waiting],
  ['  stored out of order', result.reordered.length],
  ['attempts of a message that was attempted before', result.attemptedTwice],
  ['tabs that showed something else', result.shownWrongly.length],
  ['hub sockets: ever, most at once', result.socketsEver, result.mostSockets],
  [
    "  overlaps with a hung tab's socket, longest (ms)",
    overlaps.length - unexplained.length,
    longest(overlaps),
  ],
  ['  overlaps without that, longest (ms)', unexplained.length, longest(unexplained)],
  ['hand-over (ms): count, median and worst to connected; to stored', '', ''],
  ...(['close', 'crash', 'frozen', 'hung'] as const).map(
    (how) => [`  ${how}`, ...handOverFigures(handOvers.filter((each) => each.how === how))] as const,
  ),
  ['seconds', result.seconds.toFixed(0)],
];
printTable(table.map((row) => row.map(String)));
for (const { ms, after } of unexplained) console.log(`overlap of ${ms.toFixed(0)} ms after ${after}`);
const found = [
  ...result.ignored.map((text) => `not taken in 12 s: ${text}`),
  ...complaints(result),
  ...result.shownWrongly,
  ...handOvers.flatMap(({ how, connectedMs }) => (connectedMs === undefined ? `no hand-over: ${how}` : [])),
];
for (const complaint of found) console.log(complaint);
process.exitCode = found.length === 0 && duplicates.length === 0 && result.waiting === 0 ? 0 : 1;

function handOverFigures(list: readonly HandOver[]): string[] {
  const figures = (values: number[]) => {
    const sorted = values.sort((one, other) => one - other);
    return [sorted[Math.floor(sorted.length / 2)] ?? '–', sorted.at(-1) ?? '–'].map(String);
  };
  return [
    String(list.length),
    ...figures(list.flatMap(({ connectedMs }) => connectedMs ?? [])),
    ...figures(list.flatMap(({ storedMs }) => storedMs ?? [])),
  ];
}
