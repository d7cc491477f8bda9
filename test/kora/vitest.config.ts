// Owns the run of the tests that need a real Kora: `make test-kora`.
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const merged = mergeConfig(base, defineConfig({}));

export default { ...merged, test: { ...merged.test, include: ['test/kora/*.suite.ts'] } };
