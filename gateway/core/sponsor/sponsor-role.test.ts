import { AccountRole, createNoopSigner, getAddressEncoder, type Instruction } from '@solana/kit';
import { getAddMemoInstruction } from '@solana-program/memo';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import { encodeV0 } from '../../../test/differential/corpus.ts';
import { FRIEND, FRIENDS, MINT, OWN, send, WALLET, wallet } from '../effects/testing/token-2022-chain.ts';
import { SYSTEM_PROGRAM, TOKEN_2022_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { misuseOf } from './sponsor-role.ts';
import { SPONSOR, sponsored, sponsoredWire, TERMS } from './testing/sponsored.ts';

const PROGRAM = keyAddress(71);
const OTHER = keyAddress(72);
const TABLE = keyAddress(73);
const payer = createNoopSigner(SPONSOR);
const RENT = { ...TERMS, accountRent: 'associated_token_accounts' } as const;
const KEY = [...getAddressEncoder().encode(SPONSOR)];

const misuse = (instructions: readonly Instruction[], terms: Pick<typeof TERMS, 'address' | 'accountRent'> = TERMS) =>
  misuseOf(terms, sponsored(instructions));

function raw(accounts: Instruction['accounts'], data: readonly number[] = [1]): Instruction {
  return { programAddress: PROGRAM, accounts: accounts ?? [], data: Uint8Array.from(data) };
}

function open(change: Partial<Parameters<typeof token.getCreateAssociatedTokenInstruction>[0]> = {}) {
  return token.getCreateAssociatedTokenInstruction({ payer, ata: FRIENDS, owner: FRIEND, mint: MINT, ...change });
}

describe('a fee payer that is nothing else', () => {
  it('is told of no misuse', () => {
    expect(misuse([send(FRIENDS)])).toBeNull();
    expect(
      misuse([send(FRIENDS), raw([{ address: WALLET, role: AccountRole.WRITABLE_SIGNER }], KEY.slice(1))]),
    ).toBeNull();
  });

  it.each<[string, Instruction, string]>([
    ['source', system.getTransferSolInstruction({ source: payer, destination: FRIEND, amount: 1n }), 'source'],
    [
      'destination',
      system.getTransferSolInstruction({ source: wallet, destination: SPONSOR, amount: 1n }),
      'destination',
    ],
    ['assigned', system.getAssignInstruction({ account: payer, programAddress: PROGRAM }), 'account'],
    ['authority', send(FRIENDS, 1n, OWN, payer), 'authority'],
    ['a signer that nobody knows', raw([{ address: SPONSOR, role: AccountRole.READONLY_SIGNER }]), 'account'],
    ['an account that nobody knows', raw([{ address: SPONSOR, role: AccountRole.READONLY }]), 'account'],
    ['a signer of a memo', getAddMemoInstruction({ memo: 'paid', signers: [payer] }), 'signer_0'],
    [
      'payer of a new account',
      system.getCreateAccountInstruction({
        payer,
        newAccount: wallet,
        lamports: 1n,
        space: 0n,
        programAddress: PROGRAM,
      }),
      'payer',
    ],
    ['payer of an associated account', open(), 'payer'],
  ])('must not be %s', (_what, instruction, role) => {
    const index = 1;
    expect(misuse([send(FRIENDS), instruction])).toMatchObject({ where: 'instruction', instruction: index, role });
  });

  it('must not be the program, which no parser lets through', () => {
    const acts = sponsored([raw([])]);
    const instructions = acts.decoded.instructions.map((instruction) => ({ ...instruction, program: SPONSOR }));
    expect(misuseOf(TERMS, { ...acts, decoded: { ...acts.decoded, instructions } })).toMatchObject({ role: 'program' });
  });

  it('must not be part of a batch', () => {
    const inner = token.getTransferCheckedInstruction({
      source: OWN,
      mint: MINT,
      destination: FRIENDS,
      authority: payer,
      amount: 1n,
      decimals: 6,
    });
    const accounts = inner.accounts ?? [];
    const data = [255, accounts.length, inner.data.length, ...inner.data];
    const batch = {
      programAddress: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA' as never,
      accounts,
      data: Uint8Array.from(data),
    };
    expect(misuse([batch])).toMatchObject({ where: 'instruction', instruction: 0 });
  });

  it('must not be reached by a lookup table', () => {
    const table = { address: TABLE, entries: [SPONSOR] };
    const wire = encodeV0(OTHER, TABLE as never, [raw([{ address: SPONSOR, role: AccountRole.WRITABLE }])], [table]);
    expect(misuseOf(TERMS, sponsoredWire(wire, [table]))).toEqual({ where: 'lookup_table' });
  });

  it.each<[string, readonly number[]]>([
    ['alone', KEY],
    ['behind other bytes', [0, ...KEY.slice(0, 1), ...KEY, 9]],
    ['at the end', [1, 2, 3, ...KEY]],
  ])('must not stand among the bytes of an instruction, %s', (_where, data) => {
    expect(misuse([raw([], data)])).toEqual({ where: 'instruction_data', instruction: 0, program: PROGRAM });
  });

  it('must not be a new authority, which stands in data only', () => {
    const { AccountOwner } = token.AuthorityType;
    const handed = { owned: OWN, owner: wallet, authorityType: AccountOwner, newAuthority: SPONSOR };
    expect(misuse([token.getSetAuthorityInstruction(handed)])).toMatchObject({ where: 'instruction_data' });
  });

  it('must have no part in what a simulation shows', () => {
    const acts = sponsored([send(FRIENDS)]);
    const [inner] = sponsored([system.getTransferSolInstruction({ source: payer, destination: FRIEND, amount: 1n })])
      .decoded.instructions;
    if (inner === undefined) throw new Error('no instruction');
    const ran = [{ depth: 2, instruction: inner }];
    expect(misuseOf(TERMS, { ...acts, ran })).toMatchObject({ where: 'inner_instruction', program: SYSTEM_PROGRAM });
    const [effects] = acts.effects;
    const [sent] = effects.transfers;
    if (sent === undefined) throw new Error('no transfer');
    const showed = { ...effects, transfers: [{ ...sent, recipient: SPONSOR }] };
    expect(misuseOf(TERMS, { ...acts, effects: [effects, showed] })).toEqual({
      where: 'effect',
      effect: 'transfers.recipient',
    });
  });
});

describe('a fee payer that may pay the rent of associated token accounts', () => {
  it('is the payer of their creation, idempotent or not, for anybody', () => {
    const idempotent = token.getCreateAssociatedTokenIdempotentInstruction({
      payer,
      ata: FRIENDS,
      owner: FRIEND,
      mint: MINT,
    });
    expect(misuse([open(), idempotent], RENT)).toBeNull();
  });

  it.each<[string, Instruction]>([
    ['its owner', open({ owner: SPONSOR })],
    ['the account', open({ ata: SPONSOR })],
    ['its mint', open({ mint: SPONSOR })],
    ['a further account', { ...open(), accounts: [...(open().accounts ?? []), { address: SPONSOR, role: 0 }] }],
    [
      'payer of an account of another kind',
      system.getTransferSolInstruction({ source: payer, destination: FRIENDS, amount: 1n }),
    ],
    ['payer of a program that is only called alike', { ...open(), programAddress: PROGRAM }],
  ])('is not %s', (_what, instruction) => {
    expect(misuse([instruction], RENT)).toMatchObject({ where: 'instruction' });
  });

  it('is called there by the System program alone', () => {
    const acts = sponsored([open()]);
    const at = (programAddress: typeof PROGRAM, depth: number) => {
      const [instruction] = sponsored([{ ...raw([{ address: SPONSOR, role: 1 }]), programAddress }]).decoded
        .instructions;
      if (instruction === undefined) throw new Error('no instruction');
      return misuseOf(RENT, { ...acts, ran: [{ depth, instruction }] });
    };
    expect(at(SYSTEM_PROGRAM, 2)).toBeNull();
    expect(at(SYSTEM_PROGRAM, 3)).toMatchObject({ where: 'inner_instruction' });
    expect(at(TOKEN_2022_PROGRAM, 2)).toMatchObject({ where: 'inner_instruction' });
  });
});
