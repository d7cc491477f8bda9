import { expect, it } from 'vitest';
import { seedFromEnvironment } from '../differential/seeded-random.ts';
import { violationsIn } from './oracle.ts';
import { reportOf } from './report.ts';
import { runSoak } from './soak.ts';

it('three gateways that are killed, cut off and slow never let more land than the limits', async () => {
  const run = await runSoak({
    seed: seedFromEnvironment(),
    requests: 400,
    gateways: 3,
    concurrency: 64,
    room: 30,
    // As often as there are disturbances in a cycle; some find no gateway that is not disturbed already.
    strikeEvery: 36,
    sabotage: false,
    progress: () => undefined,
  });
  console.log(reportOf(run));
  expect(violationsIn(run.evidence)).toEqual([]);
  const { kill, crash_postgres } = run.disturbances;
  expect(Math.min(kill, crash_postgres)).toBeGreaterThan(0);
}, 180_000);
