// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * What one suite did. `files` are those in which at least one test ran, as absolute paths.
 * @typedef {{ passed: number, failed: number, files: string[] }} Counts
 */

/** Environment variable that tells a reporter where to leave its {@link Counts}. */
export const COUNTS_FILE = 'TEST_COUNTS_FILE';

/** Leaves `counts` where the runner looks for them; does nothing when no runner asked. @param {Counts} counts */
export function writeCounts(counts) {
  const path = process.env[COUNTS_FILE];
  if (path) writeFileSync(path, JSON.stringify(counts));
}

/**
 * The counts left at `path`, or `undefined` when the reporter did not get that far.
 * @param {string} path
 * @returns {Counts | undefined}
 */
export function readCounts(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
