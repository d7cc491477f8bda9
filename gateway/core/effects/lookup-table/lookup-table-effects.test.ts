import { createNoopSigner } from '@solana/kit';
import * as client from '@solana-program/address-lookup-table';
import { describe, expect, it } from 'vitest';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  CONFIG_PROGRAM,
  FEATURE_GATE_PROGRAM,
} from '../../transaction/programs/program-ids.ts';
import { keyAddress, keyBytes } from '../../transaction/testing/wire-builder.ts';
import type { AccountState } from '../chain-facts.ts';
import { rentExemption } from '../rent.ts';
import { judge, READONLY, rawInstruction, WRITABLE, WRITABLE_SIGNER } from '../testing/judge.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const TABLE = keyAddress(3);
const ENTRY = keyAddress(4);
const wallet = createNoopSigner(WALLET);
const stranger = createNoopSigner(STRANGER);
const NEVER = 2n ** 64n - 1n;
const ENTRY_RENT = 32n * 6_960n;

function table(entries: number, deactivationSlot = NEVER, lamports = rentExemption(56n + 32n * BigInt(entries))) {
  const data = new Uint8Array(56 + 32 * entries);
  const view = new DataView(data.buffer);
  view.setUint32(0, 1, true);
  view.setBigUint64(4, deactivationSlot, true);
  return { owner: ADDRESS_LOOKUP_TABLE_PROGRAM, lamports, data };
}

const close = (recipient = STRANGER, authority = wallet) =>
  client.getCloseLookupTableInstruction({ address: TABLE, authority, recipient });
const extend = (authority: typeof wallet, payer: typeof wallet) =>
  client.getExtendLookupTableInstruction({ address: TABLE, authority, payer, addresses: [ENTRY] });

describe('closing a lookup table', () => {
  it('that is not deactivated leaves open how much goes to a stranger', () => {
    const { effects } = judge(WALLET, [close()], [[TABLE, table(1)]]);
    expect(effects.missing).toMatchObject([{ fact: 'amount', detail: expect.stringContaining('may grow') }]);
    const settled = judge(WALLET, [close()], [[TABLE, table(1, 5n)]]).effects;
    expect(settled.missing).toEqual([]);
    expect(settled.protectedBalances).toMatchObject([{ account: TABLE, outflow: rentExemption(88n) }]);
    expect(settled.outflows).toMatchObject([{ amount: rentExemption(88n) }]);
    expect(judge(WALLET, [close(WALLET)], [[TABLE, table(1)]]).effects.missing).toEqual([]);
  });

  it('of a stranger is no concern of the wallet', () => {
    const { effects } = judge(WALLET, [close(STRANGER, stranger)], [[TABLE, table(1)]]);
    expect([effects.missing, effects.outflows, effects.protectedBalances]).toEqual([[], [], []]);
  });

  const notTables: readonly (readonly [string, AccountState | null])[] = [
    ['does not exist', null],
    ['is owned by another program', { ...table(1), owner: CONFIG_PROGRAM }],
    ['is not initialized', { ...table(1), data: new Uint8Array(88) }],
    ['is too small', { ...table(1), data: Uint8Array.of(1, 0, 0, 0) }],
  ];
  it.each(notTables)('cannot be judged where it %s', (_what, state) => {
    const { effects } = judge(WALLET, [close()], state === null ? [] : [[TABLE, state]]);
    expect(effects.missing).toMatchObject([{ fact: 'lookup_table', instruction: 0 }]);
  });

  it('of a stranger, to the wallet, is an inflow', () => {
    const { effects } = judge(WALLET, [close(WALLET, stranger)], [[TABLE, table(1, 5n)]]);
    expect(effects.inflows).toMatchObject([{ amount: rentExemption(88n) }]);
    expect(effects.outflows).toEqual([]);
    expect(effects.closes).toMatchObject([{ account: TABLE, owner: STRANGER, destination: WALLET }]);
  });
});

describe('extending a lookup table', () => {
  it('costs the wallet where it pays, for a table of a stranger too', () => {
    for (const authority of [wallet, stranger]) {
      const { effects } = judge(WALLET, [extend(authority, wallet)], [[TABLE, table(2)]]);
      expect(effects.rentLamports).toBe(ENTRY_RENT);
      const rent = { kind: 'larger', basis: 'state', account: TABLE, payer: WALLET, rentLamports: ENTRY_RENT };
      expect(effects.creations).toMatchObject([rent]);
    }
    const { effects, rounds } = judge(WALLET, [extend(wallet, stranger)], [[TABLE, table(2)]]);
    expect([effects.rentLamports, rounds]).toEqual([0n, []]);
    const strangers = {
      kind: 'larger',
      account: TABLE,
      payer: STRANGER,
      rentLamports: ENTRY_RENT,
      refundableTo: WALLET,
    };
    expect(effects.creations).toMatchObject([strangers]);
  });

  it('costs what the table lacks as well, and not less for what it has too much', () => {
    const poor = table(2, NEVER, rentExemption(120n) - 9n);
    const rich = table(2, NEVER, rentExemption(120n) + 9n);
    expect(judge(WALLET, [extend(wallet, wallet)], [[TABLE, poor]]).effects.rentLamports).toBe(ENTRY_RENT + 9n);
    expect(judge(WALLET, [extend(wallet, wallet)], [[TABLE, rich]]).effects.rentLamports).toBe(ENTRY_RENT);
  });
});

describe('Config', () => {
  it('is an operation, its keys listed as addresses in data', () => {
    const store = rawInstruction(CONFIG_PROGRAM, [[TABLE, WRITABLE_SIGNER]], [1, ...keyBytes(4), 1]);
    const { effects } = judge(WALLET, [store]);
    expect(effects.operations).toMatchObject([{ kind: 'config_store', account: TABLE }]);
    expect(effects.dataAddresses).toMatchObject([{ address: ENTRY }]);
    expect(effects.missing).toEqual([]);
  });
});

describe('Feature Gate', () => {
  const revoke = (feature: typeof WALLET) =>
    rawInstruction(
      FEATURE_GATE_PROGRAM,
      [
        [feature, WRITABLE_SIGNER],
        [STRANGER, WRITABLE],
        [TABLE, READONLY],
      ],
      [0],
    );

  it('burns what the account of a feature holds', () => {
    const feature = { owner: FEATURE_GATE_PROGRAM, lamports: 55n, data: new Uint8Array(9) };
    const { effects } = judge(WALLET, [revoke(ENTRY)], [[ENTRY, feature]]);
    expect(effects.closes).toMatchObject([{ account: ENTRY, destination: STRANGER }]);
    expect(effects.transfers).toMatchObject([{ source: ENTRY, amount: 55n }]);
    expect([effects.missing, effects.outflows]).toEqual([[], []]);
  });

  it('leaves open how much the wallet itself would lose', () => {
    const { effects } = judge(WALLET, [revoke(WALLET)]);
    expect(effects.missing).toMatchObject([{ fact: 'amount' }]);
  });
});
