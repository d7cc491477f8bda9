// Owns `make fuzz`: a long run of the oracle, mutated bytes by the million, then the property tests, all from one seed that is printed.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runOracle, tell } from '../differential/oracle.ts';
import { seededRandom } from '../differential/seeded-random.ts';
import { fuzzBytes } from './mutated-bytes.ts';

const LEAST_BYTES = 1_000_000;
/** Seeds fit what the generator and fast-check take. */
const SEEDS = 2 ** 31;
/** Tests that draw their cases from the seed. */
const PROPERTY_TESTS = [
  ...['test/differential', 'test/fuzz', 'test/idl', 'gateway/core', 'relayer/base58', 'relayer/json-exact'],
];

const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});
const transactions = count('N', values.transactions);
const rounds = count('ROUNDS', values.rounds);
const seed = values.seed === undefined ? randomInt(SEEDS) : count('SEED', values.seed);

console.log(`seed ${seed} (make fuzz N=${transactions} SEED=${seed} repeats it)`);
await oracle();
await bytes();
for (let round = 0; round < rounds; round++) await propertyTests(seed + round);

async function oracle(): Promise<void> {
  const started = performance.now();
  const { successes, discrepancies } = await runOracle(seededRandom(seed), transactions);
  for (const discrepancy of discrepancies) throw new Error(tell(discrepancy));
  const seconds = (performance.now() - started) / 1000;
  const share = ((100 * successes.succeeded) / transactions).toFixed(0);
  console.log(`\noracle: ${transactions} transactions in ${seconds.toFixed(0)} s, every change explained`);
  console.log(`  ${successes.succeeded} (${share} %) succeeded on chain; those with an instruction of each program:`);
  console.log(`${successes}`);
}

async function bytes(): Promise<void> {
  const started = performance.now();
  const figures = await fuzzBytes(seededRandom(seed), Math.max(LEAST_BYTES, transactions));
  const seconds = (performance.now() - started) / 1000;
  console.log(`\nbytes: ${figures.inputs} mutated inputs in ${seconds.toFixed(0)} s, no crash and no hang`);
  console.log(
    `  ${figures.accepted} accepted, all as the runtime has them: ${figures.loaded} load, the others are refused for their accounts by both`,
  );
  console.log(
    `  kit agrees on ${figures.seenByKit}; bytes to effects ${figures.perSecond}/s, slowest ${figures.slowestMs.toFixed(1)} ms`,
  );
}

function propertyTests(testSeed: number): Promise<void> {
  console.log(`\nproperty tests: seed ${testSeed}`);
  const env = { ...process.env, COUNTERSIGN_TEST_SEED: String(testSeed) };
  const child = spawn('vitest', ['run', ...PROPERTY_TESTS], { stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`vitest exits with ${code}`))));
  });
}

function count(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`${name} must be a whole number, and is ${text}`);
}
