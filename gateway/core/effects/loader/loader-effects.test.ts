import type { AccountRole, Instruction } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import { LOADER_V2_PROGRAM, LOADER_V3_PROGRAM, LOADER_V4_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import type { AccountState } from '../chain-facts.ts';
import { rentExemption } from '../rent.ts';
import { judge, READONLY, READONLY_SIGNER, rawInstruction, WRITABLE, WRITABLE_SIGNER } from '../testing/judge.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const PROGRAM = keyAddress(3);
const PROGRAM_DATA = keyAddress(4);
const BUFFER = keyAddress(5);
const SYSVAR = keyAddress(6);

const u32 = (value: number) => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
const u64 = (value: number) => [...u32(value), 0, 0, 0, 0];
type Accounts = readonly (readonly [Address, AccountRole])[];
const v3 = (opcode: number, accounts: Accounts, rest: readonly number[] = []) =>
  rawInstruction(LOADER_V3_PROGRAM, accounts, [...u32(opcode), ...rest]);
const v4 = (opcode: number, accounts: Accounts, rest: readonly number[] = []) =>
  rawInstruction(LOADER_V4_PROGRAM, accounts, [...u32(opcode), ...rest]);

/** An account of a loader that begins with its state. */
function held(lamports: bigint, state: number, size = 100, owner = LOADER_V3_PROGRAM): AccountState {
  return { owner, lamports, data: Uint8Array.from({ length: size }, (_, i) => (i === 0 ? state : 0)) };
}

const deploy = (payer: Address, authority: Address): Instruction =>
  v3(
    2,
    [
      [payer, WRITABLE_SIGNER],
      [PROGRAM_DATA, WRITABLE],
      [PROGRAM, WRITABLE],
      [BUFFER, WRITABLE],
      [SYSVAR, READONLY],
      [SYSVAR, READONLY],
      [SYSVAR, READONLY],
      [authority, READONLY_SIGNER],
    ],
    u64(1_000),
  );

describe('the upgradeable loader', () => {
  it('counts a buffer of the wallet that a stranger deploys: its lamports go to the payer', () => {
    const { effects } = judge(WALLET, [deploy(STRANGER, WALLET)], [[BUFFER, held(5_000n, 1)]]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: 5_000n }]);
    expect(effects.missing).toMatchObject([{ fact: 'amount', instruction: 0 }]);
    expect(effects.creations).toMatchObject([{ account: PROGRAM_DATA, payer: STRANGER, basis: 'state' }]);
    expect(effects.rentLamports).toBe(0n);
  });

  it("counts the rent of a program that the wallet pays, whoever's program it is", () => {
    const { effects } = judge(WALLET, [deploy(WALLET, STRANGER)], [[BUFFER, held(5_000n, 1)]]);
    expect(effects.rentLamports).toBe(rentExemption(1_045n));
    expect(effects.inflows).toEqual([{ asset: 'SOL', amount: 5_000n, decimals: 9 }]);
    expect(effects.outflows).toEqual([]);
    expect(effects.missing).toEqual([]);
  });

  it('fills the data account first when its rent is not covered, and names what was not read', () => {
    const accounts: Accounts = [
      [PROGRAM_DATA, WRITABLE],
      [PROGRAM, WRITABLE],
      [BUFFER, WRITABLE],
      [WALLET, WRITABLE_SIGNER],
      [SYSVAR, READONLY],
      [SYSVAR, READONLY],
      [WALLET, WRITABLE_SIGNER],
    ];
    const lacking = rentExemption(100n) - 900n;
    const { effects, rounds } = judge(
      WALLET,
      [v3(3, accounts)],
      [
        [BUFFER, held(5_000n, 1)],
        [PROGRAM_DATA, held(lacking, 3)],
      ],
    );
    expect(effects.transfers).toMatchObject([
      { source: BUFFER, sourceOwner: WALLET, destination: PROGRAM_DATA, amount: 900n },
      { source: BUFFER, sourceOwner: WALLET, destination: WALLET, amount: 4_100n },
    ]);
    expect(effects.missing).toEqual([]);
    expect(rounds).toHaveLength(1);
  });

  it('takes what it does not know to be a buffer for a program', () => {
    const set = v3(4, [
      [BUFFER, WRITABLE],
      [STRANGER, READONLY_SIGNER],
      [WALLET, READONLY],
    ]);
    const kindOf = (state: AccountState | null) =>
      judge(WALLET, [set], state === null ? [] : [[BUFFER, state]]).effects.authorityChanges.map(({ kind }) => kind);
    expect(kindOf(held(1n, 1))).toEqual(['program_buffer_authority']);
    expect(kindOf(held(1n, 3))).toEqual(['program_upgrade_authority']);
    expect(kindOf(held(1n, 1, 100, STRANGER))).toEqual(['program_upgrade_authority']);
    expect(kindOf(null)).toEqual(['program_upgrade_authority']);
    const initialize = v3(0, [
      [BUFFER, WRITABLE],
      [STRANGER, READONLY],
    ]);
    expect(judge(WALLET, [initialize, set]).effects.authorityChanges).toMatchObject([
      { kind: 'program_buffer_authority', basis: 'message' },
    ]);
  });

  it('closes by nobody but a stranger: listed, and not the wallet', () => {
    const close = v3(5, [
      [BUFFER, WRITABLE],
      [STRANGER, WRITABLE],
      [STRANGER, READONLY_SIGNER],
    ]);
    const { effects } = judge(WALLET, [close], [[BUFFER, held(77n, 1)]]);
    expect(effects.transfers).toMatchObject([{ source: BUFFER, sourceOwner: STRANGER, amount: 77n }]);
    expect([effects.outflows, effects.missing]).toEqual([[], []]);
    expect(effects.closes).toMatchObject([{ account: BUFFER, owner: STRANGER, destination: STRANGER }]);
  });

  it('moves a program to the next loader with all its lamports', () => {
    const migrate = v3(8, [
      [PROGRAM_DATA, WRITABLE],
      [PROGRAM, WRITABLE],
      [WALLET, READONLY_SIGNER],
    ]);
    const { effects } = judge(WALLET, [migrate], [[PROGRAM_DATA, held(77n, 3)]]);
    expect(effects.operations).toMatchObject([{ kind: 'program_migrate', account: PROGRAM }]);
    expect(effects.closes).toMatchObject([{ account: PROGRAM_DATA, owner: WALLET, destination: PROGRAM }]);
    expect(effects.missing).toMatchObject([{ fact: 'amount' }]);
  });

  it('lets the wallet pay for more bytes as the fourth or the fifth account, and nobody when there is none', () => {
    const data: Accounts = [
      [PROGRAM_DATA, WRITABLE],
      [PROGRAM, WRITABLE],
    ];
    const payer: Accounts = [
      [SYSVAR, READONLY],
      [WALLET, WRITABLE_SIGNER],
    ];
    const authority: Accounts = [[STRANGER, READONLY_SIGNER]];
    const rent = (instruction: Instruction) => judge(WALLET, [instruction]).effects.rentLamports;
    expect(rent(v3(6, [...data, ...payer], u32(10)))).toBe(69_600n);
    expect(rent(v3(9, [...data, ...authority, ...payer], u32(10)))).toBe(69_600n);
    expect(rent(v3(6, data, u32(10)))).toBe(0n);
    const { effects } = judge(WALLET, [v3(6, [...data, ...payer], u32(10))]);
    expect(effects.creations).toMatchObject([{ kind: 'larger', payer: WALLET, rentLamports: 69_600n }]);
  });
});

describe('the fourth loader', () => {
  const program = (recipient: Address | null): Accounts => [
    [PROGRAM, WRITABLE],
    [WALLET, READONLY_SIGNER],
    ...(recipient === null ? [] : ([[recipient, WRITABLE]] as const)),
  ];
  const chain = [[PROGRAM, held(rentExemption(148n), 0, 148, LOADER_V4_PROGRAM)]] as const;

  it('gives back what is above the rent of a shorter program', () => {
    const { effects } = judge(WALLET, [v4(2, program(STRANGER), u32(40))], chain);
    const amount = rentExemption(148n) - rentExemption(88n);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount }]);
    expect(effects.missing).toMatchObject([{ fact: 'amount' }]);
    expect(effects.operations).toMatchObject([{ kind: 'program_set_length', account: PROGRAM }]);
    expect(judge(WALLET, [v4(2, program(WALLET), u32(40))], chain).effects).toMatchObject({
      outflows: [],
      missing: [],
    });
    expect(judge(WALLET, [v4(2, program(null), u32(40))], chain).effects.transfers).toEqual([]);
  });

  it('closes a program with the length zero', () => {
    const { effects } = judge(WALLET, [v4(2, program(STRANGER), u32(0))], chain);
    const amount = rentExemption(148n);
    expect(effects.operations).toMatchObject([{ kind: 'program_close' }]);
    expect(effects.closes).toMatchObject([{ account: PROGRAM, owner: WALLET, destination: STRANGER }]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount }]);
  });

  it('may grow before it is cut: nothing above the rent now is not established', () => {
    const { effects } = judge(WALLET, [v4(2, program(STRANGER), u32(100))], chain);
    expect(effects.transfers).toEqual([]);
    expect(effects.missing).toMatchObject([{ fact: 'amount' }]);
  });

  it('hands a program over, gives it up, and says what else is done to it', () => {
    const accounts: Accounts = [...program(null), [STRANGER, READONLY_SIGNER]];
    const { effects } = judge(
      WALLET,
      [v4(5, accounts), v4(6, accounts), v4(3, accounts), v4(4, accounts), v4(0, accounts, [...u32(0), ...u64(0)])],
      chain,
    );
    expect(effects.authorityChanges).toMatchObject([
      { kind: 'program_upgrade_authority', account: PROGRAM, from: WALLET, to: STRANGER },
      { kind: 'program_upgrade_authority', account: PROGRAM, from: WALLET, to: null },
    ]);
    const kinds = effects.operations.map(({ kind }) => kind);
    expect(kinds).toEqual(['program_finalize', 'program_deploy', 'program_retract', 'program_write']);
  });
});

it('the second loader: named all the same', () => {
  const finalize = rawInstruction(LOADER_V2_PROGRAM, [[PROGRAM, WRITABLE]], u32(1));
  const { effects } = judge(WALLET, [finalize]);
  expect(effects.operations).toMatchObject([{ kind: 'program_finalize', account: PROGRAM }]);
});
