import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const INPUTS = ['src', '.config', 'rollup.config.mjs', 'package-lock.json', 'tsconfig.json'];
/** The last file a build writes. */
const OUTPUT = 'dist/integrity.json';

/** Builds `dist/` when something it is made from is newer. Throws when the build fails; sizes are not its concern. */
export function buildIfStale(root: string): void {
  if (modifiedAt(join(root, OUTPUT)) >= Math.max(...INPUTS.map((input) => newest(join(root, input))))) return;
  console.log('\n── build: dist/ is stale');
  const { status } = spawnSync(process.execPath, ['.config/build.mjs', '--without-budgets'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The build failed, so the end-to-end tests did not run.');
}

function newest(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inside = readdirSync(path).map((name) => newest(join(path, name)));
  return Math.max(stats.mtimeMs, ...inside);
}

/** Milliseconds since 1970, or 0 when there is no such file. */
function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
