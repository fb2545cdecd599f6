// @ts-check
import { relative } from 'node:path';
import { writeCounts } from './counts.mjs';

/**
 * @typedef {import('@web/test-runner').TestSuiteResult} TestSuiteResult
 * @typedef {import('@web/test-runner').TestResult} TestResult
 */

/**
 * Reporter for the web test runner: one line per file, and the counts for the runner. The default reporter, which
 * prints the errors, gives no count that could be relied on. A file without tests, and one that does not load, fail.
 *
 * @returns {import('@web/test-runner').Reporter}
 */
export function webReporter() {
  return {
    onTestRunFinished({ sessions }) {
      /** @type {import('./counts.mjs').Counts} */
      const counts = { passed: 0, failed: 0, files: [] };
      for (const { testFile, testResults, passed: sessionPassed } of sessions) {
        const tests = testResults ? flatten(testResults) : [];
        const passed = tests.filter((test) => test.passed && !test.skipped).length;
        let failed = tests.filter((test) => !test.passed && !test.skipped).length;
        // An error outside any test fails the file without failing a test.
        if (failed === 0 && (!sessionPassed || passed === 0)) failed = 1;
        counts.passed += passed;
        counts.failed += failed;
        counts.files.push(testFile);
        const note = tests.length === 0 ? ' (no test ran)' : '';
        console.log(
          `${failed ? '✖' : '✔'} ${relative('.', testFile)}: ${passed} passed, ${failed} failed${note}`,
        );
        for (const test of tests) if (!test.passed && !test.skipped) console.log(`    ✖ ${test.name}`);
      }
      writeCounts(counts);
    },
  };
}

/** @param {TestSuiteResult} suite @returns {TestResult[]} */
function flatten(suite) {
  return [...suite.tests, ...suite.suites.flatMap(flatten)];
}
