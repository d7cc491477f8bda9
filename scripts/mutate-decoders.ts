// Owns the proof that the tests of the decoders can fail: one mistake at a time, and each must be noticed. `--every` takes all
// mistakes; else a seeded sample (`--sample <count>`, COUNTERSIGN_TEST_SEED) is tried.
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { seededRandom, seedOfRun } from '../test/differential/seeded-random.ts';
import { type Mutant, mutantsOf } from './mutation/decoder-mutants.ts';

const DECODERS = 'gateway/core/transaction/programs/**/*.ts';
/** The tests of the decoders themselves first: they are quick, and notice most. */
const TESTS = [['gateway/core/transaction'], ['gateway/core/effects', 'gateway/core/simulation']];
const AT_ONCE = 2;
const DEFAULT_SAMPLE = 60;
const TIMEOUT_MS = 120_000;

const { values } = parseArgs({ options: { every: { type: 'boolean' }, sample: { type: 'string' } } });

const all = globSync(DECODERS)
  .filter((file) => !file.endsWith('.test.ts'))
  .sort()
  .flatMap(mutantsOf);
const chosen = values.every ? all : sample(all, Number(values.sample ?? DEFAULT_SAMPLE));
console.log(`${chosen.length} of ${all.length} mistakes are tried, ${AT_ONCE} at once`);

if (await noticed(null))
  throw new Error(`the tests in ${TESTS.flat().join(' and ')} fail without any mistake; make them pass first`);

const alive: Mutant[] = [];
const waiting = [...chosen];
await Promise.all(Array.from({ length: AT_ONCE }, work));

const killed = chosen.length - alive.length;
for (const { file, line, what } of alive) console.log(`NOT NOTICED  ${file}:${line}  ${what}`);
console.log(`noticed ${killed} of ${chosen.length} (${((100 * killed) / chosen.length).toFixed(1)} %)`);
process.exitCode = alive.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    if (!(await noticed(mutant))) alive.push(mutant);
  }
}

async function noticed(mutant: Mutant | null): Promise<boolean> {
  for (const tests of TESTS) if (await fails(tests, mutant)) return true;
  return false;
}

function fails(tests: readonly string[], mutant: Mutant | null): Promise<boolean> {
  const args = ['run', '--config', 'scripts/mutation/vitest.config.ts', '--root', '.', ...tests];
  const env = { ...process.env, COUNTERSIGN_MUTANT: JSON.stringify(mutant) };
  const { promise, resolve } = Promise.withResolvers<boolean>();
  execFile('vitest', args, { env, timeout: TIMEOUT_MS, maxBuffer: 1 << 26 }, (error) => resolve(error !== null));
  return promise;
}

function sample(mutants: readonly Mutant[], count: number): readonly Mutant[] {
  const random = seededRandom(seedOfRun('mutants'));
  const rest = [...mutants];
  return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(random.below(rest.length), 1)).flat();
}
