import { describe, expect, it } from 'vitest';
import type { Address } from '../../../address.ts';
import type { DecodedInstruction } from '../../decoded-transaction.ts';
import { keyAddress } from '../../testing/wire-builder.ts';
import { decodeInstruction } from '../decode-instruction.ts';
import { ASSOCIATED_TOKEN_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../program-ids.ts';

const STRANGE_PROGRAM = keyAddress(9);
const KNOWN_PROGRAMS = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM] as const;

/** `programs`: what stands in the places that token programs are taken from. */
function decode(data: readonly number[], count: number, programs: Readonly<Record<number, Address>>) {
  const accounts = Array.from({ length: count }, (_, i) => ({
    address: programs[i] ?? keyAddress(100 + i),
    signer: i === 0,
    writable: true,
  }));
  return decodeInstruction({ index: 0, program: ASSOCIATED_TOKEN_PROGRAM, accounts, data: Uint8Array.from(data) });
}

function roles(decoded: DecodedInstruction): readonly string[] {
  return decoded.kind === 'known' ? decoded.accounts.map(({ role }) => role) : [];
}

describe('create and create_idempotent', () => {
  it.each(KNOWN_PROGRAMS)('are read under %s, no data meaning create', (program) => {
    expect(decode([], 6, { 5: program })).toMatchObject({ kind: 'known', name: 'create' });
    expect(decode([0], 6, { 5: program })).toMatchObject({ kind: 'known', name: 'create' });
    expect(decode([1], 6, { 5: program })).toMatchObject({ kind: 'known', name: 'create_idempotent' });
  });

  it('name their accounts, and keep further ones: the program does not look at them', () => {
    expect(roles(decode([1], 7, { 5: TOKEN_2022_PROGRAM }))).toEqual([
      'payer',
      'associated_token_account',
      'owner',
      'mint',
      'system_program',
      'token_program',
      'extra_0',
    ]);
  });

  it('are unknown under any other token program: that program would own the account', () => {
    expect(decode([1], 6, { 5: STRANGE_PROGRAM })).toMatchObject({
      kind: 'unknown',
      programName: 'associated_token_account',
      reason: `the token_program ${STRANGE_PROGRAM} is not known`,
    });
  });

  it("are unknown with too few accounts, as is an opcode that is not the program's", () => {
    expect(decode([1], 5, {})).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('needs 6 accounts') });
    expect(decode([4], 8, { 5: TOKEN_PROGRAM, 6: TOKEN_PROGRAM })).toMatchObject({ kind: 'unknown' });
  });
});

describe('recover_nested', () => {
  const RECOVER_ROLES = [
    'nested_associated_token_account',
    'nested_mint',
    'destination_associated_token_account',
    'owner_associated_token_account',
    'owner_mint',
    'wallet',
    'token_program',
  ];

  it('names one token program, or two, and the members of a multisig behind both', () => {
    expect(roles(decode([2], 7, { 6: TOKEN_2022_PROGRAM }))).toEqual(RECOVER_ROLES);
    expect(roles(decode([2], 10, { 6: TOKEN_PROGRAM, 7: TOKEN_2022_PROGRAM }))).toEqual([
      ...RECOVER_ROLES,
      'nested_token_program',
      'multisig_signer_0',
      'multisig_signer_1',
    ]);
  });

  it('is unknown when either program is another', () => {
    expect(decode([2], 7, { 6: STRANGE_PROGRAM })).toMatchObject({ kind: 'unknown' });
    expect(decode([2], 8, { 6: TOKEN_PROGRAM, 7: STRANGE_PROGRAM })).toMatchObject({
      kind: 'unknown',
      reason: `the nested_token_program ${STRANGE_PROGRAM} is not known`,
    });
  });

  it('is unknown with too few accounts', () => {
    expect(decode([2], 6, {})).toMatchObject({ kind: 'unknown', reason: 'recover_nested needs 7 accounts, not 6' });
  });
});
