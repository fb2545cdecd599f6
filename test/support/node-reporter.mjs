// @ts-check
import { writeCounts } from './counts.mjs';

/**
 * Reporter for `node --test` that counts and prints nothing. Suites are containers, not tests; a test that failed only
 * because an inner one did is not counted again; a skipped test did not pass. JavaScript, since Node loads reporters
 * before any loader for TypeScript.
 *
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} source
 * @returns {AsyncGenerator<string, void>}
 */
export default async function* countTests(source) {
  /** @type {import('./counts.mjs').Counts} */
  const counts = { passed: 0, failed: 0, files: [] };
  const files = new Set();
  for await (const event of source) {
    if (event.type === 'test:pass') {
      const { name, file, details, skip } = event.data;
      const isFile = name === file;
      if (isFile || details.type === 'suite' || (skip !== undefined && skip !== false)) continue;
      counts.passed += 1;
      files.add(file);
    } else if (event.type === 'test:fail') {
      const { file, details } = event.data;
      if ('failureType' in details.error && details.error.failureType === 'subtestsFailed') continue;
      counts.failed += 1;
      files.add(file);
    }
  }
  counts.files.push(...files);
  writeCounts(counts);
  yield '';
}
