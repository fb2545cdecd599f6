// @ts-check
import { gzipSync } from 'node:zlib';

/**
 * What a text conversation in Markdown over the hub loads beside the entry, by the modules that it imports when they are
 * first needed. What these import themselves counts with them. test/e2e/smoke/chat-chunks.test.ts holds such a
 * conversation and compares what the browser fetched.
 *
 * Not among them: the ways around a hub that does not serve (SSE, REST), and what shows only when it is asked for or
 * sent (data, files and long texts, details of the connection, the transcript).
 */
export const CHAT_MODULES = {
  'chat-view': 'the open panel: the conversation and the composer',
  'hybrid-client': 'the connection and the messages, hub included',
  markdown: 'replies are written in it',
  'markdown-extras': 'tables, and what code offers',
  'chat-reading': 'the way through the messages by keyboard, and what is new below',
};

/**
 * Most bytes after `gzip -9`.
 * @type {Record<string, { limit: number, why: string }>}
 */
const BUDGETS = {
  start: { limit: 15_000, why: 'xians-widgets.js before first use' },
  // The aims are 60,000 for a text chat and 75,000 for everything and for the bundle. In their way stand marked's
  // tokeniser (12 kB), the outbox with its dispatcher (12 kB), the tabs that work as one (6 kB), SignalR's protocol
  // (3.7 kB), and of everything the incidents (47 kB) and what data messages, the menu and the window can do (90 kB).
  chat: { limit: 124_000, why: 'a complete text chat' },
  all: { limit: 308_000, why: 'everything but the libraries in extras/' },
  locale: { limit: 13_500, why: 'the largest language' },
  code: { limit: 14_000, why: 'colours for code in one language' },
  formulas: { limit: 61_000, why: 'formulas' },
  bundle: { limit: 246_000, why: 'xians-widgets.bundle.js' },
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
  const start = closure(chunks, (chunk) => chunk.isEntry);
  const chat = closure(chunks, (chunk) => chunk.isEntry || chunk.name in CHAT_MODULES);
  const missing = Object.keys(CHAT_MODULES).filter((name) => !chunks.some((chunk) => chunk.name === name));
  if (missing.length > 0) throw new Error(`No chunk of the script tag is called ${missing.join(', ')}.`);
  const all = new Set(chunks.map(({ fileName }) => fileName));
  /** @param {string} start */
  const largest = (start) =>
    Math.max(0, ...rows.filter(({ path }) => path.startsWith(start)).map(({ gzip }) => gzip));
  // A reader has one language.
  const locale = largest('locales/');
  const sums = {
    start: sum((path) => start.has(path)),
    chat: sum((path) => chat.has(path)),
    all: sum((path) => all.has(path)) + locale,
    locale,
    code: sum((path) => path === 'extras/code.js') + largest('extras/code-'),
    formulas: sum((path) => path === 'extras/formulas.js'),
    bundle: sum((path) => path === 'xians-widgets.bundle.js'),
  };

  console.log(`\n${'file in dist/'.padEnd(44)}${'bytes'.padStart(10)}${'gzip -9'.padStart(10)}`);
  for (const { path, bytes, gzip } of rows) {
    const mark = start.has(path) ? ' *' : chat.has(path) ? ' +' : '';
    console.log(`${(path + mark).padEnd(44)}${digits(bytes)}${digits(gzip)}`);
  }
  console.log(`\n${'gzip budget'.padEnd(44)}${'now'.padStart(10)}${'limit'.padStart(10)}`);
  let isKept = true;
  for (const [name, { limit, why }] of Object.entries(BUDGETS)) {
    const now = sums[/** @type {keyof typeof sums} */ (name)];
    if (now > limit) isKept = false;
    const note = ({ start: ' *', chat: ' +' }[name] ?? '') + (now > limit ? '  OVER BUDGET' : '');
    console.log(`${why.padEnd(44)}${digits(now)}${digits(limit)}${note}`);
  }
  return isKept;
}

/**
 * The chunks that are roots and all that they import statically, by file name.
 * @param {readonly import('rollup').OutputChunk[]} chunks
 * @param {(chunk: import('rollup').OutputChunk) => boolean} isRoot
 */
function closure(chunks, isRoot) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set();
  const queue = chunks.filter(isRoot).map((chunk) => chunk.fileName);
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
