// Owns the proof that effects tell what really happens: random transactions are judged, executed on LiteSVM and compared.
import { expect, it } from 'vitest';
import type { Effects } from '../../gateway/core/effects/effects.ts';
import type { Execution } from './execution.ts';
import { unexplained } from './explain.ts';
import { runOracle, tell } from './oracle.ts';
import { seededRandom, seedOfRun } from './seeded-random.ts';

const EXECUTIONS = 450;

/** Of so many executions, how many of a program must have succeeded. An oracle fed with failures proves nothing. */
const LEAST: Readonly<Record<string, number>> = {
  system: 60,
  spl_token: 30,
  token_2022: 60,
  associated_token_account: 12,
  compute_budget: 60,
  memo: 1,
  stake: 15,
  vote: 4,
  address_lookup_table: 5,
  loader_v3: 4,
  ed25519: 2,
};

/** Lists of which an entry that is left out must be noticed, and in how many of a hundred cases: some change nothing on chain. */
const NOTICED: { readonly [K in keyof Effects]?: number } = {
  transfers: 70,
  creations: 90,
  approvals: 40,
  authorityChanges: 50,
  closes: 90,
  supplyChanges: 70,
  operations: 25,
};

const random = seededRandom(seedOfRun('effects against execution'));

it('explains every change of lamports, tokens and rights of random transactions', async () => {
  const { successes, discrepancies } = await runOracle(random, EXECUTIONS);
  if (discrepancies[0] !== undefined) throw new Error(tell(discrepancies[0]));
  console.log(
    `${successes.succeeded} of ${EXECUTIONS} transactions succeeded; by program and instruction:\n${successes}`,
  );
  for (const [program, least] of Object.entries(LEAST)) {
    expect(successes.ofProgram(program), program).toBeGreaterThanOrEqual(least);
  }
});

it('notices what is left out of the effects', async () => {
  const tally = new Map<keyof Effects, { left: number; noticed: number }>();
  await runOracle(random, EXECUTIONS / 2, {
    onSuccess: (execution, { wallet }) => {
      for (const list of Object.keys(NOTICED) as (keyof Effects)[]) {
        const without = leaveOneOut(execution, list);
        if (without === null) continue;
        const counts = tally.get(list) ?? { left: 0, noticed: 0 };
        tally.set(list, counts);
        counts.left++;
        if (unexplained(without, wallet).length > 0) counts.noticed++;
      }
    },
  });
  console.log('left out and noticed:', Object.fromEntries(tally));
  for (const [list, least] of Object.entries(NOTICED)) {
    const { left, noticed } = tally.get(list as keyof Effects) ?? { left: 0, noticed: 0 };
    expect(left, list).toBeGreaterThan(0);
    expect((100 * noticed) / left, list).toBeGreaterThanOrEqual(least);
  }
});

function leaveOneOut(execution: Execution, list: keyof Effects): Execution | null {
  const entries = execution.effects[list];
  if (!Array.isArray(entries) || entries.length === 0) return null;
  const rest = entries.toSpliced(random.below(entries.length), 1);
  return { ...execution, effects: { ...execution.effects, [list]: rest } };
}
