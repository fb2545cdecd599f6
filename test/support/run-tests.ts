/**
 * `npm test -- [--only=node|browser|e2e] [path fragment …]`
 *
 * Runs every suite, shows its output and closes with `N passed, N failed` over all of them. The exit code is 0 only if
 * something passed and nothing failed; a file without tests, a suite that runs nothing and a runner that dies are failures.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, findBrowser } from './browser.ts';
import { buildIfStale } from './build.ts';
import { COUNTS_FILE, readCounts } from './counts.mjs';
import { SEED } from './seed.ts';
import { findTests, type SuiteName } from './suites.ts';

/** npm runs scripts from the folder of package.json. */
const ROOT = process.cwd();
const CACHE = resolve(ROOT, '.cache');
/** No suite takes a tenth of this; it is there so that a hung browser ends a run instead of a whole machine. */
const SUITE_LIMIT_MS = 15 * 60_000;
const FILE_LIMIT_MS = 5 * 60_000;

const { values, positionals } = parseArgs({
  options: { only: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const only = values.only ?? [];
const isFullRun = only.length === 0 && positionals.length === 0;
const total = { passed: 0, failed: 0 };

try {
  await runSuites();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
if (total.passed + total.failed === 0) fail('No test ran.');
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

async function runSuites(): Promise<void> {
  const unknown = only.filter((name) => !['node', 'browser', 'e2e'].includes(name));
  if (unknown.length > 0) throw new Error(`--only takes node, browser or e2e, not ${unknown.join(', ')}.`);
  const tests = findTests(ROOT, positionals);
  console.log(`Seed ${SEED}`);
  const wanted = (name: SuiteName): boolean => {
    if (only.length > 0 && !only.includes(name)) return false;
    if (tests[name].length > 0) return true;
    if (isFullRun) fail(`The ${name} suite has no test files.`);
    return false;
  };

  if (wanted('node')) await runNode('node', tests.node, {});
  const browserSuites = (['browser', 'e2e'] as const).filter(wanted);
  if (browserSuites.length === 0) return;
  const browser = findBrowser(CACHE);
  console.log(`\nBrowser: ${browser.executablePath} (${browser.origin})`);
  if (browserSuites.includes('browser')) await runBrowser(tests.browser, browser);
  if (browserSuites.includes('e2e')) {
    buildIfStale(ROOT);
    await runNode('e2e', tests.e2e, browserEnv(browser));
  }
}

async function runNode(name: SuiteName, files: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const reporter = resolve(import.meta.dirname, 'node-reporter.mjs');
  await runSuite(name, files, env, [
    '--test',
    `--test-timeout=${FILE_LIMIT_MS}`,
    '--test-concurrency=2',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stderr', // it prints nothing, but each reporter needs a destination
    ...files,
  ]);
}

async function runBrowser(files: string[], browser: Browser): Promise<void> {
  const runner = 'node_modules/@web/test-runner/dist/bin.js';
  const env = { ...browserEnv(browser), TEST_FILES: JSON.stringify(files) };
  await runSuite('browser', files, env, [runner, '--config', 'web-test-runner.config.mjs']);
}

function browserEnv(browser: Browser): NodeJS.ProcessEnv {
  return { ...browser.env, CHROME_PATH: browser.executablePath };
}

/** Runs one suite in its own process and adds what it counted, and what it should have counted but did not. */
async function runSuite(
  name: SuiteName,
  files: string[],
  env: NodeJS.ProcessEnv,
  args: string[],
): Promise<void> {
  console.log(`\n── ${name}: ${files.length} ${files.length === 1 ? 'file' : 'files'}`);
  const countsPath = resolve(CACHE, `counts-${name}-${process.pid}.json`);
  mkdirSync(CACHE, { recursive: true });
  const startedAt = performance.now();
  const end = await runProcess(['--import', 'tsx', ...args], { ...env, [COUNTS_FILE]: countsPath });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);

  const counts = readCounts(countsPath) ?? { passed: 0, failed: 0, files: [] };
  rmSync(countsPath, { force: true });
  total.passed += counts.passed;
  total.failed += counts.failed;
  console.log(`── ${name}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);

  const ran = new Set(counts.files);
  const silent = files.filter((file) => !ran.has(resolve(ROOT, file)));
  for (const file of silent) fail(`${file} ran no test.`);
  // The process knows of a failure that no test reported, for example a crash after the last one.
  if (end !== 'exit code 0' && counts.failed === 0 && silent.length === 0) {
    fail(`The ${name} suite ended with ${end}.`);
  }
}

async function runProcess(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: 'inherit',
    timeout: SUITE_LIMIT_MS,
  });
  return new Promise((settle) => {
    child.once('error', (error) => {
      settle(error.message);
    });
    child.once('exit', (code, signal) => {
      settle(signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`);
    });
  });
}

function fail(message: string): void {
  total.failed += 1;
  console.log(`✖ ${message}`);
}
