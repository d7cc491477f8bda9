import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base58FromBytes } from './ed25519-key.ts';
import { carries, layoutOf, ownSignature, type WireLayout } from './own-signature.ts';
import { type WalletTransaction, walletTransaction } from './testing/wallet-transaction.ts';

const wallet = base58FromBytes(randomBytes(32));

function layout(messageBytes: Uint8Array): WireLayout {
  const reading = layoutOf(messageBytes, wallet);
  if (reading.kind === 'unreadable') throw new Error(reading.reason);
  return reading.layout;
}

const CASES: readonly WalletTransaction[] = (['legacy', 0, 1] as const).flatMap((version) => [
  { version, signers: 1, slot: 0 },
  { version, signers: 3, slot: 1 },
  { version, signers: 12, slot: 11 },
]);

describe("the wallet's own signature", () => {
  it.each(CASES)('is found in slot $slot of $signers of a transaction of version $version', (plan) => {
    const { messageBytes, wireTransaction } = walletTransaction(wallet, { ...plan, signedByOthers: true });
    const signature = randomBytes(64);
    const at = layout(messageBytes);
    const signed = Buffer.from(wireTransaction);
    const others = Buffer.from(signed);
    signed.set(signature, at.slotAt);
    expect(carries(wireTransaction, messageBytes, at)).toBe(true);
    expect(ownSignature(others, messageBytes, at).kind).toBe('absent');
    expect(ownSignature(signed, messageBytes, at)).toEqual({ kind: 'found', signature: new Uint8Array(signature) });
  });

  it.each(CASES)('is not taken from other bytes: version $version, $signers signers', (plan) => {
    const { messageBytes, wireTransaction } = walletTransaction(wallet, plan);
    const at = layout(messageBytes);
    const signed = Buffer.from(wireTransaction);
    signed.set(randomBytes(64), at.slotAt);
    for (let n = 0; n < messageBytes.length; n++) {
      const other = Buffer.from(signed);
      other[at.messageAt + n] = (other[at.messageAt + n] ?? 0) ^ 1;
      expect(ownSignature(other, messageBytes, at).kind).toBe('absent');
    }
    for (const other of [signed.subarray(1), Buffer.concat([signed, Buffer.of(0)]), Buffer.of(), randomBytes(2_000)]) {
      expect(ownSignature(other, messageBytes, at).kind).toBe('absent');
    }
  });

  it('is not taken where the number of signatures in front is another one', () => {
    const { messageBytes, wireTransaction } = walletTransaction(wallet, { version: 'legacy', signers: 2, slot: 1 });
    const signed = Buffer.from(wireTransaction);
    signed.set(randomBytes(64), layout(messageBytes).slotAt);
    signed[0] = 1;
    expect(ownSignature(signed, messageBytes, layout(messageBytes)).kind).toBe('absent');
  });

  it.each(['legacy', 0, 1] as const)(
    'has no place in a message of version %s that the wallet does not sign',
    (version) => {
      const { messageBytes } = walletTransaction(wallet, { version, signers: 2 });
      expect(layoutOf(messageBytes, wallet).kind).toBe('unreadable');
    },
  );

  it('has no place where the wallet is in the message, but not among the signers', () => {
    const { messageBytes } = walletTransaction(wallet, { version: 0, signers: 2, slot: 1 });
    const fewer = Buffer.from(messageBytes);
    fewer[1] = 1;
    expect(layoutOf(fewer, wallet).kind).toBe('unreadable');
  });

  it('has no place in what is no message, whatever it is', () => {
    const shapes = [[], [0x82], [0xff, 1], [0x81], [0x80, 200], [127, 0, 0, 0xff, 0xff, 0xff]];
    for (const bytes of shapes) expect(layoutOf(Uint8Array.from(bytes), wallet).kind).toBe('unreadable');
    for (let n = 0; n < 2_000; n++) expect(layoutOf(randomBytes(n % 300), wallet).kind).toBe('unreadable');
  });
});
