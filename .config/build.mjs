// @ts-check
// `npm run build`: everything in dist/, then the sizes against their budgets. Fails over a budget, unless
// `--without-budgets` says that somebody only wants to use the result.
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { createHash } from 'node:crypto';
import { rollup } from 'rollup';
import { builds } from '../rollup.config.mjs';
import { writeManifest } from './manifest.mjs';
import { reportSizes } from './sizes.mjs';

process.chdir(resolve(import.meta.dirname, '..'));
const DIST = 'dist';

/** @type {Map<string, string | Uint8Array>} What this build wrote, by path in dist/. */
const written = new Map();

try {
  if (!(await buildAll())) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Returns whether every size budget is kept. */
async function buildAll() {
  const script = await build(builds.script);
  await build(builds.locales);
  await build(builds.libraries);
  await build(builds.bundle);
  await build(builds.packages);
  await build(builds.types);
  written.set('custom-elements.json', await writeManifest(join(DIST, 'custom-elements.json')));
  copyThemes();
  // Old chunks go last, so that a page that is being served meanwhile does not lose a file.
  removeOthers();
  writeIntegrity();
  return reportSizes(script, written) || process.argv.includes('--without-budgets');
}

/**
 * @param {import('rollup').RollupOptions} options
 * @returns {Promise<import('rollup').RollupOutput['output']>}
 */
async function build({ output, ...input }) {
  if (!output || Array.isArray(output)) throw new Error('Each build has exactly one output.');
  const bundle = await rollup(input);
  const result = await bundle.write(output);
  await bundle.close();
  for (const file of result.output) {
    written.set(file.fileName, file.type === 'chunk' ? file.code : file.source);
  }
  return result.output;
}

/** Style sheets that pages may link: they only set the public tokens. */
function copyThemes() {
  cpSync('src/themes', join(DIST, 'themes'), { recursive: true });
  for (const name of readdirSync('src/themes')) {
    written.set(`themes/${name}`, readFileSync(join('src/themes', name)));
  }
}

function removeOthers() {
  for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
    const path = relative(DIST, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (entry.isFile() && !written.has(path)) rmSync(join(DIST, path));
  }
}

/** Hashes of every script that a page can load, for `integrity` attributes. The last file of a build. */
function writeIntegrity() {
  /** @type {Record<string, string>} */
  const hashes = {};
  for (const [path, content] of [...written].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!/^(xians-widgets.*|(chunks|extras|locales)\/.*)\.js$/.test(path)) continue;
    hashes[path] = `sha384-${createHash('sha384').update(content).digest('base64')}`;
  }
  writeFileSync(join(DIST, 'integrity.json'), `${JSON.stringify(hashes, null, 2)}\n`);
}
