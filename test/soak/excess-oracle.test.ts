import { expect, it } from 'vitest';
import type { Evidence, RecordedVote } from './evidence.ts';
import { checkExcess } from './excess-oracle.ts';
import { LIMIT, landing, SOUND } from './sound-run.ts';

/** Three payments of 4, 6 and 8 million within the 2 seconds of a limit of 10 million, in the order of their intents. */
const LANDED: Evidence = {
  ...SOUND,
  landings: [landing(0), landing(1, { time: 1_000 }), landing(2, { time: 1_500 })],
  trail: {
    ...SOUND.trail,
    intents: [0, 1, 2].map((index) => ({ sequence: BigInt(10 * (index + 1)), requestId: `r${index}`, time: 0 })),
  },
};

function approved(...indices: readonly number[]): Evidence {
  const demands = indices.map((index) => ({ sequence: 1n, requestId: `r${index}`, approvalId: `a${index}` }));
  const votes = demands.flatMap(({ approvalId }): readonly RecordedVote[] =>
    ['ann', 'ben'].map((voter) => ({ sequence: 2n, approvalId, voter, choice: 'approve' })),
  );
  return { ...LANDED, trail: { ...LANDED.trail, demands, votes } };
}

const limit = { ...LIMIT, excess: 'approved' } as const;

it('lets people exceed a limit', () => {
  expect(checkExcess(limit, approved(2))).toEqual([]);
});

it('finds what nobody approved, though it had no room', () => {
  expect(checkExcess(limit, LANDED).join()).toMatch(/18000006 within one window when 8000003 was signed unasked/);
});

it('counts what was approved against what comes after it unasked', () => {
  expect(checkExcess(limit, approved(1)).join()).toMatch(/18000006 within one window/);
  expect(checkExcess({ ...limit, max: 18_000_006n }, approved(1))).toEqual([]);
});

it('counts nothing that landed a window before, or was reserved later', () => {
  const apart = { ...LANDED, landings: [landing(0), landing(1, { time: 1_000 }), landing(2, { time: 3_001 })] };
  expect(checkExcess(limit, apart)).toEqual([]);
  const intents = LANDED.trail.intents.with(0, { sequence: 40n, requestId: 'r0', time: 0 });
  const later = { ...approved(2, 0), trail: { ...approved(2, 0).trail, intents } };
  expect(checkExcess(limit, later)).toEqual([]);
});
