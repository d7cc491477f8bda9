// Owns the making of a keystore: from a new key, or from one that another tool made.
import { randomBytes } from 'node:crypto';
import { base58FromBytes, KEY_BYTES, privateKeyFromSeed, publicKeyBytes } from '../ed25519-key.ts';
import { importSeed } from './import-key.ts';
import { KeystoreError } from './keystore-error.ts';
import { DEFAULT_SCRYPT_N, printKeystore, sealSeed } from './keystore-file.ts';
import { writePrivateFile } from './private-file.ts';

const LEAST_PASSPHRASE_LENGTH = 12;

export interface NewKeystore {
  /** A file that is not there yet, in a folder that is. */
  readonly path: string;
  /** At least 12 characters. */
  readonly passphrase: string;
  /** 64 bytes: raw, or the text of a Solana CLI file (JSON array) or base58. Wiped. Absent: a new key. */
  readonly importFrom?: Uint8Array;
  /** scrypt's N, a power of two between 2^14 and 2^20; default 2^17. Less is for tests. */
  readonly scryptCost?: number;
}

/** Writes the keystore with mode 0600 and returns its base58 address. Never overwrites. Throws KeystoreError. */
export async function createKeystore(ask: NewKeystore): Promise<{ readonly address: string }> {
  const seed = ask.importFrom === undefined ? randomBytes(KEY_BYTES) : importSeed(ask.importFrom);
  try {
    const { address, text } = await keystoreOf(seed, ask.passphrase, ask.scryptCost);
    await writePrivateFile(ask.path, text);
    return { address };
  } finally {
    seed.fill(0);
  }
}

/** As a file holds it. The seed is left as it is. Throws KeystoreError for a passphrase that is too short. */
export async function keystoreOf(
  seed: Uint8Array,
  passphrase: string,
  scryptCost = DEFAULT_SCRYPT_N,
): Promise<{ readonly address: string; readonly text: string }> {
  refuseShortPassphrase(passphrase);
  const address = base58FromBytes(publicKeyBytes(privateKeyFromSeed(seed)));
  return { address, text: printKeystore(await sealSeed(seed, address, passphrase, scryptCost)) };
}

/** Throws KeystoreError. */
export function refuseShortPassphrase(passphrase: string): void {
  if (passphrase.length >= LEAST_PASSPHRASE_LENGTH) return;
  throw new KeystoreError(`a passphrase has at least ${LEAST_PASSPHRASE_LENGTH} characters`, 'passphrase');
}
