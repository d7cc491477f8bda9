import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import { LIGHTHOUSE_PROGRAM, SYSTEM_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress, keyBytes } from '../../transaction/testing/wire-builder.ts';
import { rentExemption } from '../rent.ts';
import { judge, READONLY, rawInstruction, WRITABLE, WRITABLE_SIGNER } from '../testing/judge.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const MEMORY = keyAddress(3);
const SOURCE = keyAddress(4);

/** `what`: a write type as its bytes. */
function write(offset: readonly number[], what: readonly number[], payer: Address = WALLET) {
  const accounts = [
    [LIGHTHOUSE_PROGRAM, READONLY],
    [SYSTEM_PROGRAM, READONLY],
    [payer, WRITABLE_SIGNER],
    [MEMORY, WRITABLE],
    [SOURCE, READONLY],
  ] as const;
  return rawInstruction(LIGHTHOUSE_PROGRAM, accounts, [0, 3, 254, ...offset, ...what]);
}

const close = rawInstruction(
  LIGHTHOUSE_PROGRAM,
  [
    [LIGHTHOUSE_PROGRAM, READONLY],
    [WALLET, WRITABLE_SIGNER],
    [MEMORY, WRITABLE],
  ],
  [1, 3, 254],
);

const LAMPORTS = [1, 1];

describe('a memory', () => {
  it.each([
    ['a part of an account', [0, 64, 0, 9, 0], 9n],
    ['its lamports', LAMPORTS, 8n],
    ['its key', [1, 0], 32n],
    ['its size', [1, 2], 8n],
    ['its owner', [1, 3], 32n],
    ['its rent epoch', [1, 4], 8n],
    ['whether it is executable', [1, 5], 1n],
    ['a flag', [2, 0, 1], 1n],
    ['a number of 16 bytes', [2, 9, ...keyBytes(1).slice(0, 16)], 16n],
    ['bytes', [2, 11, 3, 1, 2, 3], 3n],
    ['an address', [2, 12, ...keyBytes(1)], 32n],
    ['the time', [3, 4], 8n],
  ])('costs at most the rent of what it holds: %s', (_, what, size) => {
    const { effects, rounds } = judge(WALLET, [write([0xac, 2], what)]);
    const rentLamports = rentExemption(300n + size);
    expect(effects.creations).toMatchObject([
      { account: MEMORY, payer: WALLET, ownerProgram: LIGHTHOUSE_PROGRAM, rentLamports },
    ]);
    expect(effects.rentLamports).toBe(rentLamports);
    expect(effects.operations).toMatchObject([{ kind: 'memory_write', account: MEMORY }]);
    expect([rounds, effects.missing]).toEqual([[], []]);
  });

  it('that is written twice is paid once, and more only where it grows', () => {
    const twice = judge(WALLET, [write([0], LAMPORTS), write([0], LAMPORTS), write([8], LAMPORTS)]).effects;
    expect(twice.rentLamports).toBe(rentExemption(16n));
    expect(twice.creations).toHaveLength(2);
  });

  it('of a stranger costs the wallet nothing', () => {
    expect(judge(WALLET, [write([0], LAMPORTS, STRANGER)]).effects.rentLamports).toBe(0n);
  });

  it('gives its lamports back to its payer, and costs anew after that', () => {
    const held = { owner: LIGHTHOUSE_PROGRAM, lamports: 5_000n, data: new Uint8Array(8) };
    const { effects } = judge(WALLET, [close, write([0], LAMPORTS)], [[MEMORY, held]]);
    expect(effects.closes).toMatchObject([{ account: MEMORY, owner: WALLET, destination: WALLET }]);
    expect(effects.transfers).toMatchObject([{ source: MEMORY, destination: WALLET, amount: 5_000n }]);
    expect(effects.outflows).toEqual([]);
    expect(effects.rentLamports).toBe(rentExemption(8n));
    expect(effects.missing).toEqual([]);
  });
});
