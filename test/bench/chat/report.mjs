import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { CONTENDERS } from './site.mjs';

const RESULTS = resolve(import.meta.dirname, '../results');
const MB = 1024 * 1024;
const milliseconds = (value) => value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
const COLUMNS = [
  ['newest shown, ms', 'shownMs', milliseconds],
  ['longest block, ms', 'blockedMs', milliseconds],
  ['at rest, ms', 'settledMs', milliseconds],
  ['one more: work, ms', 'appendWorkMs', milliseconds],
  ['one more: painted, ms', 'appendShownMs', milliseconds],
  ['DOM nodes', 'nodes', (value) => Math.round(value).toLocaleString('en')],
  ['heap, MB', 'heap', (value) => (value / MB).toFixed(1)],
];
const GROWING = ['shownMs', 'appendShownMs', 'heap'];

/** Writes chat.md and chat.json, and prints the former. */
export async function report({ results, counts, rounds, browser, versions }) {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    '# What a long conversation costs the page that shows it',
    '',
    `${browser}, headless, without a GPU, 400 × 700; ${cpus().length} cores, Node ${process.version}; ${packages.join(', ')}.`,
    `Medians of ${rounds} interleaved round${rounds === 1 ? '' : 's'}, each figure from a fresh browser context, after a round that is thrown away; in`,
    'brackets the smallest and the largest. A dash: not within two minutes, or not at all.',
    '',
  ];
  for (const [size, count] of counts.entries()) {
    lines.push(
      `## ${count.toLocaleString('en')} messages`,
      '',
      `| | ${COLUMNS.map(([title]) => title).join(' | ')} |`,
      `| --- |${' ---: |'.repeat(COLUMNS.length)}`,
    );
    for (const [name, title] of Object.entries(CONTENDERS)) {
      const cells = COLUMNS.map(([, key, show]) => cell(valuesOf(results[name][size], key), show));
      lines.push(`| ${title} | ${cells.join(' | ')} |`);
    }
    lines.push('');
  }
  const least = counts[0].toLocaleString('en');
  const most = counts.at(-1).toLocaleString('en');
  lines.push(
    `## Growth from ${least} to ${most}`,
    '',
    'The exponent: 0 does not grow with the conversation, 1 grows as it does, 2 with its square.',
    '',
    '| | newest shown | one more: painted | heap |',
    '| --- | ---: | ---: | ---: |',
  );
  for (const [name, title] of Object.entries(CONTENDERS)) {
    const cells = GROWING.map((key) => exponent(counts, results[name], key));
    lines.push(`| ${title} | ${cells.join(' | ')} |`);
  }
  lines.push(
    '',
    '- Every other message is the visitor’s; the answers take turns between inline Markdown, lists, code, a table and plain words. The same',
    '  for all, given as each takes a history (`history`, `initialMessages`); ours as the client gives it to the view: there is no network.',
    '- Shown: until the newest message is in the document and painted. Longest block: the longest task meanwhile. At rest: until nothing',
    '  more is drawn (ours: noticed 250 ms later). Ours draws the last 1,000 messages while the browser is idle, and older ones when the',
    '  reader comes near them; until then their text stands in for them, which find-in-page and screen readers get at.',
    '- One more: a message at the end, at rest; its work is that of the call and what follows at once.',
    '- Nodes are those of the whole page, heap what the conversation added, both after forced collections and at rest.',
    '- deep-chat and the floor neither group nor date messages; the floor does not know Markdown. Unlike ours, deep-chat drops the oldest',
    '  messages beyond 4,000 of what comes in later.',
    `- Load average at the end: ${loadavg()[0].toFixed(1)} on ${cpus().length} cores${loadavg()[0] > cpus().length ? ': the machine was busy with other things, and the figures are provisional' : ''}. Compare rows of one run, not machines.`,
    '',
  );
  await mkdir(RESULTS, { recursive: true });
  await write('chat.json', JSON.stringify({ counts, rounds, browser, versions, results }));
  await write('chat.md', lines.join('\n'));
  console.log(lines.join('\n'));
}

function valuesOf(runs, key) {
  return runs.map((each) => each[key]).filter((value) => value !== undefined);
}

function cell(values, show) {
  if (values.length === 0) return '–';
  const sorted = [...values].sort((a, b) => a - b);
  const [least, most] = [show(sorted[0]), show(sorted.at(-1))];
  return least === most ? least : `${show(median(values))} (${least}–${most})`;
}

/** Slope of the line through the logarithms of first and last. */
function exponent(counts, runs, key) {
  const [first, last] = [valuesOf(runs[0], key), valuesOf(runs.at(-1), key)];
  if (first.length === 0 || last.length === 0) return '–';
  return (Math.log(median(last) / median(first)) / Math.log(counts.at(-1) / counts[0])).toFixed(2);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** As the rest of the repository is formatted. */
async function write(name, text) {
  const filepath = resolve(RESULTS, name);
  await writeFile(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }));
}
