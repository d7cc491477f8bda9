// Owns an approver's own private key: read from a file of the Solana CLI or from PEM, used for one vote.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { base58FromBytes, privateKeyFromSeed, publicKeyBytes } from '../../signers/ed25519-key.ts';
import { importSeed } from '../../signers/local-keypair/import-key.ts';
import { type SignedVote, voteMessage } from '../core/approval/vote-message.ts';
import { UsageError } from './exit.ts';

export interface ApproverKey {
  /** Base58. */
  readonly publicKey: string;
  sign(vote: SignedVote): Uint8Array;
}

/** Throws UsageError, which never shows what the file holds. */
export function readApproverKey(file: string): ApproverKey {
  const privateKey = privateKeyIn(file, bytesOf(file));
  return {
    publicKey: base58FromBytes(publicKeyBytes(privateKey)),
    sign: (vote) => new Uint8Array(sign(null, voteMessage(vote), privateKey)),
  };
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(`the key file ${file} cannot be read (${code})`);
  }
}

function privateKeyIn(file: string, bytes: Uint8Array): KeyObject {
  try {
    const text = Buffer.from(bytes).toString('latin1');
    if (!text.includes('-----BEGIN')) return privateKeyFromSeed(importSeed(bytes));
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Whatever a parser says may quote the key.
  }
  throw new UsageError(
    `the key file ${file} holds no Ed25519 key: neither a keypair of the Solana CLI nor PEM (PKCS #8)`,
  );
}
