import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

export type SuiteName = 'node' | 'browser' | 'e2e';

/** Which folders of `test/` run where. A test file in any other folder is an error: it would never run. */
export const SUITE_FOLDERS: Readonly<Record<SuiteName, readonly string[]>> = {
  node: ['protocol', 'transports', 'queue', 'client', 'server', 'sim', 'tooling'],
  browser: ['context', 'elements', 'browser'],
  e2e: ['e2e', 'clients'],
};

/**
 * Test files by suite, as sorted paths relative to `root`, which holds `test/`. `fragments` keep those whose path
 * contains one of them. Throws when a file lies outside the folders above.
 */
export function findTests(root: string, fragments: readonly string[] = []): Record<SuiteName, string[]> {
  const found: Record<SuiteName, string[]> = { node: [], browser: [], e2e: [] };
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules/'))
    .sort();
  for (const file of files) {
    const folder = file.split('/')[0] ?? '';
    const suite = suiteOf(folder);
    if (!suite)
      throw new Error(`test/${file} belongs to no suite: see SUITE_FOLDERS in test/support/suites.ts.`);
    const path = `test/${file}`;
    if (fragments.length === 0 || fragments.some((fragment) => path.includes(fragment)))
      found[suite].push(path);
  }
  return found;
}

function suiteOf(folder: string): SuiteName | undefined {
  for (const name of ['node', 'browser', 'e2e'] as const) {
    if (SUITE_FOLDERS[name].includes(folder)) return name;
  }
  return undefined;
}
