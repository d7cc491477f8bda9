// Owns writing wire bytes: the same transaction with another blockhash, with a signature, and its bytes as an intent.
import { decodeBase58 } from '../base58.ts';
import { GatewayError } from '../errors.ts';
import type { CompiledTransaction } from './compiled-transaction.ts';
import { SIGNATURE_BYTES } from './signatures.ts';

const TOKEN_BYTES = 32;

/**
 * The wire bytes of the same transaction with another recent blockhash, all else equal.
 * Throws BLOCKHASH_NOT_REPLACEABLE when somebody signed already, INVALID_FIELD when the text is no blockhash.
 */
export function withBlockhash(tx: CompiledTransaction, blockhash: string): Uint8Array {
  const signed = tx.signatures.findIndex((signature) => signature !== null);
  if (signed >= 0) {
    throw new GatewayError(
      'BLOCKHASH_NOT_REPLACEABLE',
      `the blockhash can only be set while nobody has signed; ${tx.staticAccounts[signed]} has`,
    );
  }
  const token = decodeBase58(blockhash);
  if (token?.length !== TOKEN_BYTES) {
    throw new GatewayError('INVALID_FIELD', 'a blockhash is base58 text of 32 bytes', {
      metadata: { field: 'blockhash' },
    });
  }
  return assemble(withToken(tx, token), tx.signatures, tx.version === 1);
}

/** The wire bytes with the signatures that it holds. */
export function wireOf(tx: CompiledTransaction): Uint8Array {
  return assemble(tx.messageBytes, tx.signatures, tx.version === 1);
}

/** The wire bytes with one signature slot filled. Throws for an index that does not sign, and for anything but 64 bytes. */
export function withSignature(tx: CompiledTransaction, signerIndex: number, signature: Uint8Array): Uint8Array {
  if (!Number.isInteger(signerIndex) || signerIndex < 0 || signerIndex >= tx.signatures.length) {
    throw new Error(`signer ${signerIndex} is not one of ${tx.signatures.length}`);
  }
  if (signature.length !== SIGNATURE_BYTES) throw new Error(`a signature has 64 bytes, not ${signature.length}`);
  return wireOf({ ...tx, signatures: tx.signatures.with(signerIndex, signature) });
}

/** The message bytes with the lifetime token zeroed: equal for two transactions that differ in nothing else. */
export function intentBytes(tx: CompiledTransaction): Uint8Array {
  return withToken(tx, new Uint8Array(TOKEN_BYTES));
}

function withToken(tx: CompiledTransaction, token: Uint8Array): Uint8Array {
  const bytes = tx.messageBytes.slice();
  bytes.set(token, tokenOffset(tx));
  return bytes;
}

/** Header and keys come before the token in legacy and v0, header and config mask in v1. A key count fits one byte. */
function tokenOffset(tx: CompiledTransaction): number {
  if (tx.version === 1) return 1 + 3 + 4;
  const versionBytes = tx.version === 'legacy' ? 0 : 1;
  return versionBytes + 3 + 1 + tx.staticAccounts.length * 32;
}

function assemble(message: Uint8Array, signatures: readonly (Uint8Array | null)[], messageFirst: boolean): Uint8Array {
  const countBytes = messageFirst ? 0 : 1;
  const wire = new Uint8Array(countBytes + message.length + signatures.length * SIGNATURE_BYTES);
  if (!messageFirst) wire[0] = signatures.length;
  wire.set(message, messageFirst ? 0 : 1 + signatures.length * SIGNATURE_BYTES);
  let at = messageFirst ? message.length : 1;
  for (const signature of signatures) {
    if (signature !== null) wire.set(signature, at);
    at += SIGNATURE_BYTES;
  }
  return wire;
}
