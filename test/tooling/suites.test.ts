import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { findTests } from '../support/suites.ts';

describe('findTests', () => {
  const root = mkdtempSync(join(tmpdir(), 'suites-'));
  after(() => rmSync(root, { recursive: true }));

  function write(...paths: string[]): void {
    for (const path of paths) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
  }

  it('sorts files into suites by their folder', () => {
    write(
      'test/queue/a.test.ts',
      'test/elements/deep/b.test.ts',
      'test/e2e/c.test.ts',
      'test/support/not-a-test.ts',
    );
    assert.deepEqual(findTests(root), {
      node: ['test/queue/a.test.ts'],
      browser: ['test/elements/deep/b.test.ts'],
      e2e: ['test/e2e/c.test.ts'],
    });
  });

  it('keeps the files whose path contains a fragment', () => {
    assert.deepEqual(findTests(root, ['deep/']).browser, ['test/elements/deep/b.test.ts']);
    assert.deepEqual(findTests(root, ['deep/']).node, []);
  });

  it('refuses a test file in a folder that no suite runs', () => {
    write('test/elsewhere/lost.test.ts');
    assert.throws(() => findTests(root), /elsewhere\/lost\.test\.ts belongs to no suite/);
  });
});
