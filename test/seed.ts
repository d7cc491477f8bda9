// Owns the seed of property tests: the same in every run, and another where COUNTERSIGN_TEST_SEED gives one.
import fc from 'fast-check';
import { seedFromEnvironment } from './differential/seeded-random.ts';

fc.configureGlobal({ seed: seedFromEnvironment() });
