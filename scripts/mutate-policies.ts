// Owns the proof that the tests of our own policies can fail: one mistake at a time, and each must be noticed. `--sample <count>`
// tries a seeded sample; a pattern takes only the files that it fits.
import { parseArgs } from 'node:util';
import { surroundings } from '../gateway/authoring/lint/lint.ts';
import { hunt } from '../gateway/authoring/mutate/hunt.ts';
import { mutantLines, outcomeLine, outcomeOf } from '../gateway/authoring/mutate/outcome.ts';
import { removeFacts } from '../gateway/authoring/mutate/removed-facts.ts';
import { findOpa } from '../gateway/policy/build/opa.ts';
import { seedOfRun } from '../test/differential/seeded-random.ts';
import { libraryPrey } from './policies/library-prey.ts';

const { values, positionals } = parseArgs({ options: { sample: { type: 'string' } }, allowPositionals: true });
const opa = findOpa();
const { quarry, cases, repository } = await libraryPrey(opa, new RegExp(positionals[0] ?? ''));
const seed = seedOfRun('policy mutants');
const sample = values.sample === undefined ? {} : { sample: Number(values.sample) };
let tried = 0;

const caught = await hunt(quarry, {
  opa,
  seed,
  ...sample,
  onFate() {
    tried += 1;
    if (tried % 250 === 0) console.log(`… ${tried} tried`);
  },
});
const outcome = outcomeOf(quarry, caught);
for (const mutant of outcome.living) console.log(mutantLines(mutant).join('\n'));
for (const { file, row } of outcome.idleExcuses) console.log(`${file}:${row}: this comment excuses nothing that lives`);
const { inputSchema } = await surroundings();
const removals = removeFacts(cases, inputSchema, repository.instance);
for (const { fixture, pointer, decision } of removals.permitted) {
  console.log(`golden ${fixture}: without ${pointer} the decision is ${decision}, not deny`);
}
console.log(outcomeLine(outcome));
console.log(
  `${removals.tried} facts taken away from ${removals.fixtures} golden cases: ${removals.tried - removals.permitted.length} denied`,
);
const bad = outcome.living.length + outcome.idleExcuses.length + removals.permitted.length;
process.exitCode = bad === 0 ? 0 : 1;
