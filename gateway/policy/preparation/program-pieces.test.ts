import { address } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import type { ProgramDescription } from '../../core/transaction/idl/program-description.ts';
import { joinPrograms, programPieces } from './program-pieces.ts';

const U64 = { kind: 'integer', bytes: 8, signed: false, bigEndian: false } as const;

function program(at: string, instructions: number): ProgramDescription {
  return {
    address: address(at),
    name: `program_${instructions}`,
    instructions: Array.from({ length: instructions }, (_, i) => ({
      name: `instruction_${i}`,
      place: `instructions[${i}]`,
      discriminator: { bytes: [{ offset: 0, bytes: Uint8Array.of(i & 255, i >> 8) }], size: null },
      roles: [{ name: 'payer', optional: false }],
      absentAccounts: 'program_id',
      argumentsOffset: 2,
      arguments: [{ name: 'amount', type: U64, shown: true }],
    })),
    types: new Map([['Amount', U64]]),
  };
}

describe('descriptions of programs', () => {
  it('arrive as they were sent, in pieces, with a pause after each', async () => {
    const sent = [
      program('Stake11111111111111111111111111111111111111', 2_000),
      program('Vote111111111111111111111111111111111111111', 1),
      program('Config1111111111111111111111111111111111111', 0),
    ];
    const pieces = programPieces(sent);
    expect(pieces.length).toBeGreaterThan(3);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(128 * 1024);
    let pauses = 0;
    const received = await joinPrograms(pieces, async () => {
      pauses += 1;
    });
    expect(pauses).toBe(pieces.length);
    expect(received).toMatchObject(sent);
  });

  it('are nothing where there is none', async () => {
    expect(programPieces([])).toEqual([]);
    expect(await joinPrograms([], async () => {})).toEqual([]);
  });
});
