import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SEED } from '../support/seed.ts';
import { differenceIn } from './circuit-breaker-model.ts';

const INTERLEAVINGS = 20_000;

describe('CircuitBreaker', () => {
  it(`does what its model does in ${INTERLEAVINGS} random interleavings (seed ${SEED})`, () => {
    for (let seed = SEED; seed < SEED + INTERLEAVINGS; seed++) {
      const steps = differenceIn(seed);
      if (steps) assert.fail(`seed ${seed}\n  ${steps.join('\n  ')}`);
    }
  });
});
