// Proves that what a node names is read back as the instruction that it was: the published clients write it, the node's names are
// those of agave's transaction-status, and both must decode alike.
import type { Address, Instruction } from '@solana/kit';
import { getAddMemoInstruction } from '@solana-program/memo';
import { AuthorityType as Token2022AuthorityType } from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import { decodeInstruction } from '../transaction/programs/decode-instruction.ts';
import {
  ASSOCIATED_TOKEN_PROGRAM,
  MEMO_PROGRAM_V2,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { rebuildInstruction } from './parsed-instruction.ts';
import { PARSED_TABLES } from './parsed-tables.ts';
import {
  PARSED_ASSOCIATED,
  PARSED_SYSTEM,
  PARSED_TOKEN,
  PARSED_TOKEN_2022,
  type ParsedCase,
} from './testing/parsed-cases.ts';

const [A, B, C, E] = [keyAddress(1), keyAddress(2), keyAddress(3), keyAddress(5)];

describe('an instruction that a node named', () => {
  const cases = [...PARSED_SYSTEM, ...PARSED_TOKEN, ...PARSED_TOKEN_2022, ...PARSED_ASSOCIATED];

  it.each(cases.map(([type, info, instruction]) => [type, info, instruction] as const))(
    '%s is what it was',
    (type, info, instruction) => {
      expect(rebuilt(instruction, { type, info })).toEqual(original(instruction));
    },
  );

  it('is tried for each that is read', () => {
    const tried = (list: readonly ParsedCase[]) => new Set(list.map(([type]) => type));
    const read = (program: Address) => new Set(Object.keys(PARSED_TABLES.get(program) ?? {}));
    expect(tried(PARSED_SYSTEM)).toEqual(read(SYSTEM_PROGRAM));
    expect(new Set([...tried(PARSED_TOKEN), ...tried(PARSED_TOKEN_2022)])).toEqual(read(TOKEN_2022_PROGRAM));
    expect(tried(PARSED_ASSOCIATED)).toEqual(read(ASSOCIATED_TOKEN_PROGRAM));
  });

  it('is a memo where it is a text', () => {
    const memo = getAddMemoInstruction({ memo: 'grüß' }, { programAddress: MEMO_PROGRAM_V2 });
    expect(rebuilt(memo, 'grüß')).toEqual(original(memo));
    expect(rebuildInstruction(SYSTEM_PROGRAM, 'grüß')).toBeNull();
  });

  it('knows every authority by its number', () => {
    const types = Object.entries(Token2022AuthorityType).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    );
    expect(types.length).toBeGreaterThan(15);
    for (const [name, number] of types) {
      const authorityType = name[0]?.toLowerCase() + name.slice(1);
      const info = { mint: A, authorityType, newAuthority: null, authority: B };
      expect(rebuildInstruction(TOKEN_2022_PROGRAM, { type: 'setAuthority', info })?.data, name).toEqual(
        Uint8Array.of(6, number, 0),
      );
    }
  });

  it.each<readonly [string, Address, unknown]>([
    ['of another program', E, { type: 'transfer', info: { source: A, destination: B, lamports: 1 } }],
    ['of a name that is not known', SYSTEM_PROGRAM, { type: 'drain', info: {} }],
    ['named after a member of every object', SYSTEM_PROGRAM, { type: 'constructor', info: {} }],
    ['without a name', SYSTEM_PROGRAM, { info: {} }],
    ['without fields', SYSTEM_PROGRAM, { type: 'transfer' }],
    ['with a list of fields', SYSTEM_PROGRAM, { type: 'transfer', info: [] }],
    ['null', SYSTEM_PROGRAM, null],
    ['without an account', SYSTEM_PROGRAM, { type: 'transfer', info: { source: A, lamports: 1 } }],
    [
      'with an account that is none',
      SYSTEM_PROGRAM,
      { type: 'transfer', info: { source: A, destination: 'B', lamports: 1 } },
    ],
    ['without an amount', SYSTEM_PROGRAM, { type: 'transfer', info: { source: A, destination: B } }],
    [
      'with a rounded amount',
      SYSTEM_PROGRAM,
      { type: 'transfer', info: { source: A, destination: B, lamports: 2 ** 53 } },
    ],
    ['with a negative amount', SYSTEM_PROGRAM, { type: 'transfer', info: { source: A, destination: B, lamports: -1 } }],
    [
      'with an amount beyond u64',
      SYSTEM_PROGRAM,
      { type: 'transfer', info: { source: A, destination: B, lamports: 2n ** 64n } },
    ],
    [
      'with a fraction',
      TOKEN_PROGRAM,
      { type: 'transfer', info: { source: A, destination: B, amount: '1.5', authority: C } },
    ],
    [
      'with decimals beyond u8',
      TOKEN_PROGRAM,
      { type: 'burnChecked', info: { account: A, mint: B, authority: C, tokenAmount: { amount: '1', decimals: 256 } } },
    ],
    ['without an authority', TOKEN_PROGRAM, { type: 'transfer', info: { source: A, destination: B, amount: '1' } }],
    [
      'with a multisig and no signers',
      TOKEN_PROGRAM,
      { type: 'transfer', info: { source: A, destination: B, amount: '1', multisigAuthority: C } },
    ],
    [
      'with a signer that is none',
      TOKEN_PROGRAM,
      { type: 'transfer', info: { source: A, destination: B, amount: '1', multisigAuthority: C, signers: [5] } },
    ],
    [
      'with an authority that is not known',
      TOKEN_PROGRAM,
      { type: 'setAuthority', info: { account: A, authorityType: 'all', newAuthority: null, authority: C } },
    ],
  ])('is not read when it is %s', (_case, program, parsed) => {
    expect(rebuildInstruction(program, parsed)).toBeNull();
  });
});

function original({ programAddress, accounts = [], data = new Uint8Array() }: Instruction) {
  const references = accounts.map(({ address }) => plain(address));
  return decodeInstruction({ index: 0, program: programAddress, accounts: references, data: new Uint8Array(data) });
}

function rebuilt({ programAddress }: Instruction, parsed: unknown) {
  const found = rebuildInstruction(programAddress, parsed);
  if (found === null) throw new Error('it was not read');
  return decodeInstruction({
    index: 0,
    program: programAddress,
    accounts: found.accounts.map(plain),
    data: found.data,
  });
}

function plain(address: Address) {
  return { address, signer: false, writable: false };
}
