// Proves that mutated bytes are never accepted where the runtime refuses them; `make fuzz` does the same by the million.
import { expect, it } from 'vitest';
import { seededRandom, seedOfRun } from '../differential/seeded-random.ts';
import { fuzzBytes } from './mutated-bytes.ts';

it('accepts nothing that the runtime refuses, and takes no time for it', async () => {
  const figures = await fuzzBytes(seededRandom(seedOfRun('mutated bytes')), 4_000);
  console.log('mutated bytes:', figures);
  expect(figures.loaded).toBeGreaterThan(1_000);
  expect(figures.inputs - figures.accepted).toBeGreaterThan(1_000);
});
