// Owns the message that a thief would like to see signed in place of the one that was judged.
import type { Address } from '@solana/kit';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { withBlockhash } from '../../gateway/core/transaction/wire.ts';
import { solTransfer } from '../../tour/transactions.ts';

/** Of a transaction that one key signs: its message begins here. */
export const SIGNATURE_END = 65;
export const STOLEN = 1_000_000_000n;
export const THIEF = keyAddress(230);

/** With the blockhash of `wire`, not signed. */
export function theftInsteadOf(wire: Uint8Array, wallet: Address): Uint8Array<ArrayBuffer> {
  const [judged, theft] = [wire, solTransfer(wallet, THIEF, STOLEN)].map(parseTransaction);
  if (judged?.kind !== 'parsed' || theft?.kind !== 'parsed') throw new Error('one of them is no transaction');
  return new Uint8Array(withBlockhash(theft.value, judged.value.lifetimeToken));
}
