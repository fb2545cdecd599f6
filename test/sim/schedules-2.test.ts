import { describe, it } from 'node:test';
import { runSchedules, seedsFrom } from './many.ts';

describe('the client under random faults', () => {
  const seeds = seedsFrom(1_000, 1_000);
  it(`loses, repeats, reorders and mixes up nothing (seeds ${seeds.first} to ${seeds.last})`, () =>
    runSchedules(seeds));
});
