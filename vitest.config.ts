import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { PATIENCE } from './test/patience.ts';

/** What opa and Node make of the same bytes is made once: hundreds of tests build policies, and start processes of the gateway. */
const caches = join(import.meta.dirname, '.cache/tests');
const opaCache = join(caches, 'opa');
mkdirSync(opaCache, { recursive: true });

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', '.tools/**', '.cache/**', '.countersign/**'],
    globalSetup: ['test/shared-postgres.ts'],
    setupFiles: ['test/seed.ts', 'test/wait-for.ts', 'test/left-as-found.ts'],
    env: { COUNTERSIGN_OPA_CACHE: opaCache, NODE_COMPILE_CACHE: join(caches, 'node') },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: PATIENCE },
    // One more than the cores that it must do with: many tests wait for processes, clocks and connections.
    maxWorkers: 3,
    // The files that a worker runs share its modules, which to load and warm up for each took a third of the run: a test puts back what it
    // changes of the process (environment, timers, console).
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
