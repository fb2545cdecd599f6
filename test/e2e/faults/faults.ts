/**
 * `npm run test:faults -- [--runs=20] [--parallel=4] [--only=part of a name]`
 *
 * Plays every fault scene in a real browser, with the built script and a real server, and prints how long it took to be
 * live again, what was missing or came twice, and what the status said. The exit code is 0 when nothing was lost or doubled.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findBrowser } from '../../support/browser.ts';
import { buildIfStale } from '../../support/build.ts';
import { printTable } from '../kills/table.ts';
import { runScene, type RunResult } from './run-scene.ts';
import { scenes, type Scene } from './scenes.ts';
import { Stage } from './stage.ts';

interface SceneResult {
  readonly scene: Scene;
  readonly runs: readonly RunResult[];
  readonly failures: readonly string[];
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    parallel: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
});
const wanted = Number(values.runs);

buildIfStale(process.cwd());
process.env.CHROME_PATH = findBrowser('.cache').executablePath;
const chosen = scenes.filter(({ name }) => name.includes(values.only));
const results: SceneResult[] = [];
// Those that take longest first, so that no one waits for them alone in the end.
const waiting = [...chosen].sort((a, b) => (b.lastsMs ?? 0) - (a.lastsMs ?? 0));
await Promise.all(Array.from({ length: Number(values.parallel) }, work));

async function work(): Promise<void> {
  for (let scene = waiting.shift(); scene; scene = waiting.shift()) results.push(await play(scene));
}

async function play(scene: Scene): Promise<SceneResult> {
  const stage = await Stage.start();
  const runs: RunResult[] = [];
  const failures: string[] = [];
  try {
    for (let run = 1; run <= wanted; run++) {
      try {
        runs.push(await runScene(stage, scene, run));
      } catch (error) {
        failures.push(`run ${run}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await stage.stop();
  }
  console.log(
    `${scene.name}: ${runs.length} runs, live again after ${spread(runs.map(({ liveMs }) => liveMs))}`,
  );
  return { scene, runs, failures };
}

/** `median / worst`, in seconds. */
function spread(ms: readonly (number | undefined)[]): string {
  const sorted = ms.filter((one) => one !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return '–';
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${(median / 1_000).toFixed(1)} / ${((sorted.at(-1) ?? 0) / 1_000).toFixed(1)} s`;
}

/** Each way in which the words went, the most frequent first; numbers that differ from run to run are left out. */
function stories(runs: readonly RunResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { words } of runs) {
    const story = words
      .map((each) => each.replace(/\d+/g, 'n'))
      .filter((each, index, all) => each !== all[index - 1])
      .join(' → ');
    counts.set(story, (counts.get(story) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([story, times]) => `${times} × ${story}`);
}

results.sort((a, b) => chosen.indexOf(a.scene) - chosen.indexOf(b.scene));
const rows = results.map(({ scene, runs, failures }) => [
  scene.name,
  String(runs.length),
  spread(runs.map(({ noticedMs }) => noticedMs)),
  spread(runs.map(({ liveMs }) => liveMs)),
  spread(runs.map(({ liveAfterEventMs }) => liveAfterEventMs)),
  spread(runs.map(({ completeMs }) => completeMs)),
  String(runs.flatMap(({ missing }) => missing).length),
  String(runs.flatMap(({ twice }) => twice).length),
  String(failures.length),
]);
const head = [
  'fault',
  'runs',
  'noticed',
  'live again (median / worst)',
  'after the first event',
  'everything there',
  'missing',
  'twice',
  'failed runs',
];
printTable([head, ...rows]);
for (const { scene, runs, failures } of results) {
  console.log(`\n${scene.name}`);
  for (const story of stories(runs)) console.log(`  ${story}`);
  for (const { missing, twice } of runs) {
    for (const text of missing) console.log(`  missing: ${text}`);
    for (const text of twice) console.log(`  twice: ${text}`);
  }
  for (const failure of failures) console.log(`  ${failure}`);
}
if (values.only === '' && wanted >= 20) {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const words = results.map(({ scene, runs }) => `- **${scene.name}:** ${stories(runs)[0] ?? ''}`);
  writeFileSync(
    new URL('results.md', import.meta.url),
    `# Fault scenes\n\nBy \`npm run test:faults\`: Chromium, the built script, a server in a process of its own. Times are from the ` +
      `moment the fault ends; where it only cuts what is open, from the cut.\n\n` +
      `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n\nWhat the status said, most often:\n\n${words.join('\n')}\n`,
  );
}
const isWhole = ({ runs, failures }: SceneResult) =>
  failures.length === 0 && runs.every(({ missing, twice }) => missing.length + twice.length === 0);
process.exitCode = results.length > 0 && results.every(isWhole) ? 0 : 1;
