import { describe, expect, it } from 'vitest';
import { addressFromBytes, encodeBase58 } from '../base58.ts';
import { decodeTransaction } from './decode.ts';
import type { DecodedTransaction } from './decoded-transaction.ts';
import { parseTransaction } from './parse.ts';
import { resolveAccounts } from './resolve.ts';
import { buildWire, keyAddress, type WirePlan } from './testing/wire-builder.ts';

const ADVANCE = [4, 0, 0, 0];
/** In the wire builder every key starts with 1s; the System program is all zeros. */
const SYSTEM_KEY = new Uint8Array(32);
const TOKEN = encodeBase58(new Uint8Array(32).fill(9));

describe('a decoded transaction', () => {
  it('names its fee payer, its signers and whether their slots are filled', () => {
    const signature = new Array<number>(64).fill(3);
    const decoded = decode({
      header: [2, 0, 1],
      keys: [5, 6, 7],
      instructions: [],
      signatures: [signature, new Array<number>(64).fill(0)],
    });
    expect(decoded.feePayer).toBe(keyAddress(5));
    expect(decoded.signers).toEqual([
      { address: keyAddress(5), signed: true },
      { address: keyAddress(6), signed: false },
    ]);
    expect(decoded.lifetime).toEqual({ kind: 'blockhash', blockhash: TOKEN });
  });

  it('leaves no instruction out', () => {
    const instruction = { program: 2, accounts: [0], data: [1] };
    const decoded = decode({ keys: [0, 1, 2], instructions: [instruction, instruction, instruction] });
    expect(decoded.instructions.map(({ index, kind }) => [index, kind])).toEqual([
      [0, 'unknown'],
      [1, 'unknown'],
      [2, 'unknown'],
    ]);
  });

  it('refuses accounts of another transaction', () => {
    const parsed = parseTransaction(buildWire());
    if (parsed.kind === 'malformed') throw new Error('malformed');
    expect(() => decodeTransaction(parsed.value, [])).toThrow('another transaction');
  });
});

describe('a durable nonce', () => {
  const nonce = { kind: 'durable_nonce', nonce: TOKEN, nonceAccount: keyAddress(1), nonceAuthority: keyAddress(0) };

  it.each([
    ['with its usual accounts', ADVANCE, [1, 2, 0]],
    ['with trailing data', [...ADVANCE, 9, 9, 9], [1, 2, 0]],
    ['with further accounts', ADVANCE, [1, 2, 0, 2, 2]],
    ['with the authority somewhere else', ADVANCE, [1, 2, 2, 0]],
  ])('is recognised %s', (_what, data, accounts) => {
    expect(nonceTransaction({ data, accounts }).lifetime).toEqual(nonce);
  });

  it.each([
    ['other data', [5, 0, 0, 0], [1, 2, 0]],
    ['short data', [4, 0, 0], [1, 2, 0]],
    ['no accounts', ADVANCE, []],
  ])('is none with %s', (_what, data, accounts) => {
    expect(nonceTransaction({ data, accounts }).lifetime.kind).toBe('blockhash');
  });

  it('is none when it is not the first instruction', () => {
    const decoded = decodeWithSystem({
      instructions: [
        { program: 2, accounts: [], data: [1] },
        { program: 3, accounts: [1, 2, 0], data: ADVANCE },
      ],
    });
    expect(decoded.lifetime.kind).toBe('blockhash');
  });

  it('is none with its account from a lookup table, yet stays a nonce instruction', () => {
    const decoded = decodeWithSystem({
      version: 0,
      lookups: [{ table: 50, writable: [0], readonly: [] }],
      instructions: [{ program: 3, accounts: [4, 2, 0], data: ADVANCE }],
    });
    expect(decoded.lifetime.kind).toBe('blockhash');
    expect(decoded.instructions[0]).toMatchObject({ kind: 'known', name: 'advance_nonce_account' });
  });

  it('is recognised in v1', () => {
    const decoded = decodeWithSystem({
      version: 1,
      instructions: [{ program: 3, accounts: [1, 2, 0], data: ADVANCE }],
    });
    expect(decoded.lifetime).toEqual(nonce);
  });
});

function nonceTransaction({ data, accounts }: { data: readonly number[]; accounts: readonly number[] }) {
  return decodeWithSystem({ instructions: [{ program: 3, accounts, data }] });
}

/** Keys 0 to 2, then the System program as key 3. */
function decodeWithSystem(plan: WirePlan): DecodedTransaction {
  return decode({ ...plan, keys: [0, 1, 2, 3] }, true);
}

function decode(plan: WirePlan, systemAtThree = false): DecodedTransaction {
  const wire = buildWire(plan);
  if (systemAtThree) wire.set(SYSTEM_KEY, indexOfKey(wire));
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error(JSON.stringify(parsed.error));
  const table = { addresses: [keyAddress(200)] };
  const accounts = resolveAccounts(parsed.value, new Map([[keyAddress(50), table]]));
  if (accounts.kind === 'malformed') throw new Error(JSON.stringify(accounts.error));
  return decodeTransaction(parsed.value, accounts.value);
}

function indexOfKey(wire: Uint8Array): number {
  for (let at = 0; at + 32 <= wire.length; at++) {
    if (addressFromBytes(wire.subarray(at, at + 32)) === keyAddress(3)) return at;
  }
  throw new Error('the wire has no key 3');
}
