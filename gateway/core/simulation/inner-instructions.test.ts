// Proves that calls that cannot be those of the transaction make no simulation.
import { describe, expect, it } from 'vitest';
import { TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import type { InnerCall } from './simulation-answer.ts';
import { call, type Groups, HELPER, interpreted, SWAP, TEN, TRANSFER } from './testing/swap-scene.ts';

describe('an answer that cannot be true', () => {
  const beyond: InnerCall = { form: 'compiled', stackHeight: 2, programIndex: 99, accountIndexes: [], data: TEN };
  it.each<readonly [string, Groups]>([
    ['of an instruction that is not there', [[1, [TRANSFER]]]],
    [
      'of one instruction twice',
      [
        [0, [TRANSFER]],
        [0, [TRANSFER]],
      ],
    ],
    ['of a depth that nobody called', [[0, [{ ...TRANSFER, stackHeight: 3 }]]]],
    [
      'of a depth that nobody called any more',
      [[0, [call(HELPER, [], []), TRANSFER, { ...TRANSFER, stackHeight: 4 }]]],
    ],
    ['of an account that is not the transaction’s', [[0, [call(TOKEN_PROGRAM, [keyAddress(77)], TEN)]]]],
    ['of a program that is not the transaction’s', [[0, [call(keyAddress(77), [], TEN)]]]],
    [
      'of a named program that is not the transaction’s',
      [[0, [{ form: 'parsed', stackHeight: 2, program: keyAddress(77), parsed: null }]]],
    ],
    ['of a program beyond all', [[0, [beyond]]]],
    ['of an account beyond all', [[0, [{ ...beyond, programIndex: 1, accountIndexes: [99] }]]]],
  ])('is no simulation: a call %s', (_case, groups) => {
    expect(interpreted([SWAP], groups)).toMatchObject({ status: 'unavailable', reason: expect.stringMatching(/./) });
  });
});
