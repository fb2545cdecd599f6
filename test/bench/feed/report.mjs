import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { CONTENDERS } from './site.mjs';

const RESULTS = resolve(import.meta.dirname, '../results');
const MB = 1024 * 1024;
const milliseconds = (value) => (value === undefined ? '–' : value.toFixed(value < 100 ? 1 : 0));
const percent = (value) => `${(100 * value).toFixed(0)} %`;
const COLUMNS = [
  ['frame p50, ms', 'frameP50', milliseconds],
  ['frame p95, ms', 'frameP95', milliseconds],
  ['frames > 25 ms', 'over25', (value) => value.toFixed(0)],
  ['frames > 50 ms', 'over50', (value) => value.toFixed(0)],
  ['main thread busy', 'busy', percent],
  ['of it script', 'script', percent],
  ['lag p50, ms', 'lagP50', milliseconds],
  ['lag p95, ms', 'lagP95', milliseconds],
  ['caught up after, ms', 'caughtUpMs', milliseconds],
  ['heap growth, MB', 'heapGrowth', (value) => (value / MB).toFixed(1)],
];

/** Writes feed.md and feed.json, and prints the former. */
export async function report({ results, load, rounds, browser, versions }) {
  const names = Object.keys(CONTENDERS);
  const rate = median(Object.values(results).flatMap((list) => list.map((each) => each.eventsPerSecond)));
  const lines = [
    '# What a burst of incidents does to the page that shows them',
    '',
    `${load.perSecond.toLocaleString('en')} new incidents a second for ${load.seconds} s (the server managed ${Math.round(rate).toLocaleString('en')}), on top of ${load.known.toLocaleString('en')} known ones.`,
    `${browser}, headless, without a GPU, 1280 × 800; ${cpus().length} cores, Node ${process.version}; ${versions.join(', ')}.`,
    `Medians of ${rounds} interleaved round${rounds === 1 ? '' : 's'}, each contender in a fresh browser context, after one round that is thrown away; in brackets the`,
    'smallest and the largest. The server is a process of its own, of lower priority, on the same machine.',
    '',
    `| | ${COLUMNS.map(([title]) => title).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(COLUMNS.length)}`,
  ];
  for (const name of names) {
    const cells = COLUMNS.map(([, key, show]) =>
      cell(
        results[name].map((each) => each[key]),
        show,
      ),
    );
    lines.push(`| ${CONTENDERS[name]} | ${cells.join(' | ')} |`);
  }
  lines.push(
    '',
    '- A frame is the time between two calls of `requestAnimationFrame`; 16.7 ms is the best there is. Busy is the share of the time in',
    '  which the main thread ran a task (`TaskDuration`).',
    '- The lag is the age, by its `createdAt`, of the newest incident in the document, looked at after each frame: it has the way through server,',
    '  socket and queue in it. "Caught up" is how long after the last event the newest incident was there; a dash: not within 30 s.',
    '- The heap is measured after forced collections, before the burst and after it.',
    '- All but the first of React’s two also subscribe to what tells of changes, as a list has to whose rows are to stay true: two messages',
    '  for each new incident. The element also ranks, filters and counts, and proves that what it shows is fresh. The first of React’s',
    '  two knows nothing of the 10,000, and shows the last 100 that came.',
    `- Noise: the empty page tells what the machine did by itself. Load average at the end: ${loadavg()[0].toFixed(1)}. Compare rows of one run, not machines.`,
    '',
  );
  await mkdir(RESULTS, { recursive: true });
  await write('feed.json', JSON.stringify({ load, rounds, browser, versions, results }));
  await write('feed.md', lines.join('\n'));
  console.log(lines.join('\n'));
}

function cell(values, show) {
  const given = values.filter((value) => value !== undefined);
  if (given.length === 0) return '–';
  const sorted = given.sort((a, b) => a - b);
  const [least, most] = [show(sorted[0]), show(sorted.at(-1))];
  return least === most ? least : `${show(median(sorted))} (${least}–${most})`;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** As the rest of the repository is formatted. */
async function write(name, text) {
  const filepath = resolve(RESULTS, name);
  await writeFile(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }));
}
