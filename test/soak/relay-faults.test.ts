import { expect, it } from 'vitest';
import { seedFromEnvironment } from '../differential/seeded-random.ts';
import { violationsIn } from './oracle.ts';
import { reportOf } from './report.ts';
import { runSoak } from './soak.ts';

it('nothing is executed twice or called dead that landed, with nodes that fail and lie and gateways that are killed', async () => {
  const run = await runSoak({
    subject: 'relaying',
    seed: seedFromEnvironment(),
    requests: 140,
    gateways: 2,
    concurrency: 48,
    room: 0,
    strikeEvery: 6,
    freezeEvery: 0,
    sabotage: null,
    progress: () => undefined,
  });
  console.log(reportOf(run));
  expect(violationsIn(run.evidence)).toEqual([]);
  expect([...run.disturbances.values()].filter((count) => count > 0).length).toBeGreaterThan(7);
  expect(run.evidence.landings.length).toBeGreaterThan(30);
}, 180_000);
