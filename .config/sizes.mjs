// @ts-check
import { gzipSync } from 'node:zlib';

/** Chunks of the script tag that a text chat never loads, by name. */
const OTHER_FEATURES = /^(incident-)/;

/**
 * Most bytes after `gzip -9`.
 * @type {Record<string, { limit: number, why: string }>}
 */
const BUDGETS = {
  start: { limit: 15_000, why: 'xians-widgets.js before first use' },
  chat: { limit: 60_000, why: 'a complete text chat' },
  all: { limit: 75_000, why: 'everything the script tag can load' },
  bundle: { limit: 75_000, why: 'xians-widgets.bundle.js' },
};

/**
 * Prints what each script weighs and holds the sums against their budgets. `script` is the output for the script tag,
 * `written` every file by its path in dist/. Returns whether all budgets are kept.
 *
 * @param {readonly (import('rollup').OutputChunk | import('rollup').OutputAsset)[]} script
 * @param {ReadonlyMap<string, string | Uint8Array>} written
 */
export function reportSizes(script, written) {
  const rows = [...written]
    .filter(([path]) => path.endsWith('.js'))
    .map(([path, content]) => ({ path, bytes: Buffer.byteLength(content), gzip: gzipped(content) }));
  /** @param {(path: string) => boolean} isCounted */
  const sum = (isCounted) =>
    rows.reduce((total, { path, gzip }) => (isCounted(path) ? total + gzip : total), 0);

  const chunks = script.filter((file) => file.type === 'chunk');
  const start = staticClosure(chunks);
  const chat = new Set(
    chunks.filter(({ name }) => !OTHER_FEATURES.test(name)).map(({ fileName }) => fileName),
  );
  const all = new Set(chunks.map(({ fileName }) => fileName));
  const sums = {
    start: sum((path) => start.has(path)),
    chat: sum((path) => chat.has(path)),
    all: sum((path) => all.has(path)),
    bundle: sum((path) => path === 'xians-widgets.bundle.js'),
  };

  console.log(`\n${'file in dist/'.padEnd(44)}${'bytes'.padStart(10)}${'gzip -9'.padStart(10)}`);
  for (const { path, bytes, gzip } of rows) {
    const mark = start.has(path) ? ' *' : '';
    console.log(`${(path + mark).padEnd(44)}${digits(bytes)}${digits(gzip)}`);
  }
  console.log(`\n${'gzip budget'.padEnd(44)}${'now'.padStart(10)}${'limit'.padStart(10)}`);
  let isKept = true;
  for (const [name, { limit, why }] of Object.entries(BUDGETS)) {
    const now = sums[/** @type {keyof typeof sums} */ (name)];
    if (now > limit) isKept = false;
    const note = (name === 'start' ? ' *' : '') + (now > limit ? '  OVER BUDGET' : '');
    console.log(`${why.padEnd(44)}${digits(now)}${digits(limit)}${note}`);
  }
  return isKept;
}

/**
 * The entry and all that it imports statically: what a page loads at once.
 * @param {readonly import('rollup').OutputChunk[]} chunks
 */
function staticClosure(chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set();
  const queue = chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName);
  for (const fileName of queue) {
    if (found.has(fileName)) continue;
    found.add(fileName);
    queue.push(...(byName.get(fileName)?.imports ?? []));
  }
  return found;
}

/** @param {string | Uint8Array} content */
function gzipped(content) {
  return gzipSync(content, { level: 9 }).length;
}

/** @param {number} value */
function digits(value) {
  return value.toLocaleString('en').padStart(10);
}
