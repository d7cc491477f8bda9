// Owns `make soak` and `make relay-faults`: a long run from a seed that is printed, its counts, and a failure where a promise was broken.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { violationsIn } from './oracle.ts';
import { reportOf } from './report.ts';
import { sabotageNamed } from './sabotage.ts';
import { runSoak } from './soak.ts';

const SEEDS = 2 ** 31;
const SHOWN = 40;
/** Payments in two seconds: what a slow machine asks for still exceeds it. */
const MOST_ROOM = 80;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    gateways: { type: 'string', default: '3' },
    seed: { type: 'string' },
    sabotage: { type: 'string' },
    relaying: { type: 'boolean', default: false },
  },
});
const requests = count('REQUESTS', values.requests);
const seed = values.seed === undefined ? randomInt(SEEDS) : count('SEED', values.seed);

const target = values.relaying ? 'relay-faults' : 'soak';
console.log(`${target}: seed ${seed} (make ${target} REQUESTS=${requests} SEED=${seed} asks the same)`);
const subject = values.relaying ? 'relaying' : 'stores';
const run = await runSoak({
  subject,
  seed,
  requests,
  gateways: count('GATEWAYS', values.gateways),
  concurrency: 96,
  room: Math.min(MOST_ROOM, Math.max(30, Math.round(requests / 20))),
  strikeEvery: values.relaying ? 15 : Math.min(400, Math.max(50, Math.round(requests / 20))),
  freezeEvery: values.relaying ? 0 : Math.min(300, Math.max(100, Math.round(requests / 10))),
  sabotage: values.sabotage === undefined ? null : sabotageNamed(values.sabotage, subject),
  progress: (line) => console.log(line),
});
console.log(reportOf(run));
const violations = violationsIn(run.evidence);
for (const violation of violations.slice(0, SHOWN)) console.error(`VIOLATION ${violation}`);
console.log(violations.length === 0 ? 'no promise was broken' : `${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;

function count(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`${name} must be a whole number, and is ${text}`);
}
