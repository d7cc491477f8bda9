// Owns a test run in which one file of the project reads with one mistake in it, or none; the file itself is not touched.
import { relative } from 'node:path';
import { defineConfig, mergeConfig, type Plugin } from 'vitest/config';
import base from '../../vitest.config.ts';
import { type Mutant, mutated } from './decoder-mutants.ts';

const mutant: Mutant | null = JSON.parse(process.env.COUNTERSIGN_MUTANT ?? 'null');

const plugin: Plugin = {
  name: 'mutant',
  enforce: 'pre',
  transform(code, id) {
    return mutant !== null && relative(process.cwd(), id) === mutant.file ? mutated(code, mutant) : undefined;
  },
};

// Without the cache of transformed modules: it does not know that a mutant was put in.
export default mergeConfig(
  base,
  defineConfig({ plugins: [plugin], test: { maxWorkers: 1, bail: 1, fsModuleCache: false } }),
);
