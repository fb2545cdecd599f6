import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const RUNNER = resolve(import.meta.dirname, '../support/run-tests.ts');
const TEST = `import { describe, it } from 'node:test';\n`;

/** Runs `npm test -- ...args` in a project with nothing but `files`. */
function run(files: Readonly<Record<string, string>>, ...args: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'run-tests-'));
  try {
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'), 'dir');
    mkdirSync(join(root, 'test'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const { NODE_TEST_CONTEXT: _own, ...env } = process.env; // else the inner `node --test` takes itself for a part of this one
    const { stdout, status } = spawnSync(process.execPath, ['--import', 'tsx', RUNNER, ...args], {
      cwd: root,
      env,
      encoding: 'utf8',
    });
    return { lastLine: stdout.trimEnd().split('\n').at(-1), status, stdout };
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('npm test', () => {
  it('closes with the counts of all files, nested tests and all', () => {
    const { lastLine, status } = run(
      {
        'test/queue/a.test.ts': `${TEST}describe('a', () => { it('one', () => {}); describe('b', () => it('two', () => {})); });`,
        'test/client/b.test.ts': `${TEST}it('three', () => {});`,
      },
      '--only=node',
    );
    assert.equal(lastLine, '3 passed, 0 failed');
    assert.equal(status, 0);
  });

  it('counts a failure once, however deep', () => {
    const { lastLine, status } = run(
      {
        'test/queue/a.test.ts': `${TEST}describe('a', () => describe('b', () => { it('bad', () => { throw new Error('x'); }); it('good', () => {}); }));`,
      },
      '--only=node',
    );
    assert.equal(lastLine, '1 passed, 1 failed');
    assert.equal(status, 1);
  });

  const broken: [what: string, text: string][] = [
    ['has no tests', 'export {};'],
    ['only skips', `${TEST}it.skip('later', () => {});`],
    ['does not load', `import './missing.ts';`],
    ['leaves in the middle', `${TEST}it('one', () => {});\nit('two', () => process.exit(0));`],
    [
      'crashes after its tests',
      `${TEST}it('one', () => {});\nsetTimeout(() => { throw new Error('late'); }, 50);`,
    ],
  ];
  for (const [what, text] of broken) {
    it(`fails when a file ${what}`, () => {
      const good = `${TEST}it('good', () => {});`;
      const { lastLine, status, stdout } = run(
        { 'test/queue/broken.test.ts': text, 'test/queue/good.test.ts': good },
        '--only=node',
      );
      assert.match(lastLine ?? '', /^\d+ passed, [1-9]\d* failed$/, stdout);
      assert.equal(status, 1);
    });
  }

  it('fails when nothing matches', () => {
    const { lastLine, status } = run(
      { 'test/queue/a.test.ts': `${TEST}it('one', () => {});` },
      'no-such-file',
    );
    assert.equal(lastLine, '0 passed, 1 failed');
    assert.equal(status, 1);
  });

  it('fails when a full run lacks a suite', () => {
    const { lastLine, status } = run({ 'test/queue/a.test.ts': `${TEST}it('one', () => {});` });
    assert.equal(lastLine, '1 passed, 2 failed');
    assert.equal(status, 1);
  });

  it('refuses a suite it does not know', () => {
    const { lastLine, status } = run(
      { 'test/queue/a.test.ts': `${TEST}it('one', () => {});` },
      '--only=nodes',
    );
    assert.equal(lastLine, '0 passed, 1 failed');
    assert.equal(status, 1);
  });
});
