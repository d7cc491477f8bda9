import { expect, it } from 'vitest';
import { seedFromEnvironment } from '../differential/seeded-random.ts';
import { violationsIn } from './oracle.ts';
import { reportOf } from './report.ts';
import { runSoak } from './soak.ts';

it('three gateways that are killed, cut off and slow never let more land than limits, people and freezes let through', async () => {
  const run = await runSoak({
    subject: 'stores',
    seed: seedFromEnvironment(),
    requests: 400,
    gateways: 3,
    concurrency: 64,
    room: 30,
    // As often as there are disturbances in a cycle; some find no gateway that is not disturbed already.
    strikeEvery: 36,
    freezeEvery: 100,
    sabotage: null,
    progress: () => undefined,
  });
  console.log(reportOf(run));
  expect(violationsIn(run.evidence)).toEqual([]);
  const { disturbances, evidence } = run;
  expect(Math.min(evidence.approvals.length, evidence.freezes.length)).toBeGreaterThan(0);
  expect(Math.min(disturbances.get('kill') ?? 0, disturbances.get('crash_postgres') ?? 0)).toBeGreaterThan(0);
}, 180_000);
