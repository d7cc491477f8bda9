import { describe, expect, it } from 'vitest';
import type { Evidence, PutFreeze, RecordedFreezing } from './evidence.ts';
import { checkFreezes } from './freeze-oracle.ts';
import { COMPUTE_BUDGET } from './freezing.ts';
import { SOUND } from './sound-run.ts';

const ANSWERED = 10_000;
const LIFTED = 14_000;

/** Frozen at 10 of the chain and lifted at 20 by two; signed before, and after. */
const FROZEN: Evidence = {
  ...SOUND,
  signatures: [signed('r0', 5n, ANSWERED - 500), signed('r1', 25n, LIFTED + 500)],
  freezes: [put()],
  trail: {
    ...SOUND.trail,
    intents: [intended('r0', 4n, ANSWERED - 600), intended('r1', 24n, LIFTED + 400)],
    freezes: history('ada', 'max'),
  },
};

function put(change: Partial<PutFreeze> = {}): PutFreeze {
  const of = { freezeId: 'f0', scope: 'agent', target: 'sender' } as const;
  return { ...of, answeredAt: ANSWERED, liftAskedAt: LIFTED, ...change };
}

function history(...voters: readonly string[]): readonly RecordedFreezing[] {
  const votes = voters.map((by, at) => recorded(18n + BigInt(at), 'freeze.lift_voted', by));
  return [recorded(10n, 'freeze.set', 'ann'), ...votes, recorded(20n, 'freeze.lifted', voters.at(-1) ?? '')];
}

function recorded(sequence: bigint, kind: RecordedFreezing['kind'], by: string): RecordedFreezing {
  return { sequence, kind, by, freezeId: 'f0' };
}

function signed(requestId: string, sequence: bigint, time: number) {
  return { requestId, sequence, time, signature: `s${requestId}` };
}

function intended(requestId: string, sequence: bigint, time: number) {
  return { requestId, sequence, time };
}

function trailWith(change: Partial<Evidence['trail']>): Partial<Evidence> {
  return { trail: { ...FROZEN.trail, ...change } };
}

it('finds nothing where nothing was signed under a freeze', () => {
  expect(checkFreezes(FROZEN)).toEqual([]);
});

it.each<[string, PutFreeze]>([
  ['another agent', put({ target: 'dealer' })],
  ['a program that it does not call', put({ scope: 'program', target: COMPUTE_BUDGET })],
])('lets be signed what a freeze of %s does not cover', (_what, freeze) => {
  const evidence = { ...FROZEN, freezes: [freeze], signatures: [signed('r0', 15n, ANSWERED + 2_000)] };
  expect(checkFreezes(evidence)).toEqual([]);
});

describe('finds', () => {
  const late = signed('r0', 15n, ANSWERED + 10);
  it.each<[string, Partial<Evidence>, RegExp]>([
    [
      'a signature in the chain between freeze and lift',
      { signatures: [late] },
      /r0 was signed at 15 under the freeze/,
    ],
    [
      'an intent there',
      trailWith({ intents: [intended('r0', 15n, ANSWERED + 10)] }),
      /r0 was to be signed at 15 under/,
    ],
    [
      'one under a freeze of everything',
      { signatures: [late], freezes: [put({ scope: 'all', target: '' })] },
      /under the freeze of all/,
    ],
    [
      'one under a freeze of the wallet',
      { signatures: [late], freezes: [put({ scope: 'wallet', target: 'treasury' })] },
      /under the freeze of wallet treasury/,
    ],
    [
      'one under a freeze of a program that it calls',
      { signatures: [signed('r2', 15n, ANSWERED + 10)], freezes: [put({ scope: 'program', target: COMPUTE_BUDGET })] },
      /r2 was signed at 15 under the freeze of program/,
    ],
    [
      'a signature more than a second after the answer, wherever the chain has it',
      { signatures: [signed('r0', 5n, ANSWERED + 1_001)] },
      /r0 was signed at 5 under the freeze/,
    ],
    [
      'a freeze that was answered and is not recorded',
      trailWith({ freezes: [] }),
      /f0 was answered, and is not recorded/,
    ],
    [
      'a freeze that stays',
      trailWith({ freezes: history('ada', 'max').slice(0, -1) }),
      /agent sender was never lifted/,
    ],
    [
      'a signature under a freeze that was lifted behind the back of the record',
      {
        ...trailWith({ freezes: history('ada', 'max').slice(0, -1) }),
        signatures: [signed('r0', 90n, LIFTED + 9_000)],
      },
      /r0 was signed at 90 under/,
    ],
    ['one admin who lifts', trailWith({ freezes: history('ada') }), /was lifted by ada, and it takes 2/],
    ['one admin who lifts twice', trailWith({ freezes: history('ada', 'ada') }), /was lifted by ada and ada/],
    ['somebody who lifts and is no admin', trailWith({ freezes: history('ada', 'ann') }), /was lifted by ada and ann/],
  ])('%s', (_what, change, told) => {
    expect(checkFreezes({ ...FROZEN, ...change }).join('\n')).toMatch(told);
  });
});
