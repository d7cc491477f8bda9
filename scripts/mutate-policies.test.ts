import { expect, it } from 'vitest';
import { surroundings } from '../gateway/authoring/lint/lint.ts';
import { hunt } from '../gateway/authoring/mutate/hunt.ts';
import { mutantLines, outcomeOf } from '../gateway/authoring/mutate/outcome.ts';
import { removeFacts } from '../gateway/authoring/mutate/removed-facts.ts';
import { findOpa } from '../gateway/policy/build/opa.ts';
import { seedFromEnvironment } from '../test/differential/seeded-random.ts';
import { libraryPrey } from './policies/library-prey.ts';

// `make mutate-policies` tries all of them.
it('notices each of a sample of mistakes in the library, and each fact that is taken out of a golden case', async () => {
  const opa = findOpa();
  const { quarry, cases, repository } = await libraryPrey(opa);
  const caught = await hunt(quarry, { opa, seed: seedFromEnvironment(), sample: 10, seconds: 15 });
  expect(caught.all).toBeGreaterThan(2_000);
  expect(outcomeOf(quarry, caught).living.flatMap(mutantLines)).toEqual([]);
  const { inputSchema } = await surroundings();
  const { tried, permitted } = removeFacts(cases, inputSchema, repository.instance);
  expect(tried).toBeGreaterThan(2_000);
  expect(permitted).toEqual([]);
}, 60_000);
