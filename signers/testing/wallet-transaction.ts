// Owns transactions of every version that a wallet signs in any slot.
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { buildWire, keyBytes } from '../../gateway/core/transaction/testing/wire-builder.ts';
import type { AskedBytes } from '../../test/conformance/asked-bytes.ts';
import { bytesFromBase58 } from '../ed25519-key.ts';

export interface WalletTransaction {
  readonly version: 'legacy' | 0 | 1;
  readonly signers: number;
  /** Which of them the wallet is; absent: none. */
  readonly slot?: number;
  /** Whether the others have signed. */
  readonly signedByOthers?: boolean;
}

const FIRST_SIGNER = 10;
const PROGRAM = 99;

export function walletTransaction(
  address: string,
  { version, signers, slot, signedByOthers = false }: WalletTransaction,
): AskedBytes {
  const keys = Array.from({ length: signers }, (_, n) => FIRST_SIGNER + n);
  const wire = Buffer.from(
    buildWire({
      version,
      header: [signers, 0, 1],
      keys: [...keys, PROGRAM],
      instructions: [{ program: signers, accounts: [0], data: [1, 2, 3] }],
      signatures: keys.map((_, n) => new Array<number>(64).fill(signedByOthers && n !== slot ? n + 1 : 0)),
    }),
  );
  if (slot !== undefined) wire.set(bytesFromBase58(address), wire.indexOf(keyBytes(FIRST_SIGNER + slot)));
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error(`the test's own transaction is malformed: ${parsed.error.code}`);
  return { messageBytes: parsed.value.messageBytes, wireTransaction: wire };
}
