// Owns the files that keys of wallets come from and go to.
import { readFileSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { base58FromBytes, privateKeyFromSeed, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { importSeed } from '../../../signers/local-keypair/import-key.ts';
import { UsageError } from '../exit.ts';

export interface KeyFile {
  /** Base58. */
  readonly address: string;
  /** Seed and public key, 64 bytes. Whoever has it wipes it. */
  readonly privateKey: Uint8Array<ArrayBuffer>;
}

const MAX_FILE_BYTES = 4096;

/** A key file of the Solana CLI. Throws UsageError, which never shows what the file holds. */
export function readKeyFile(file: string): KeyFile {
  const seed = seedIn(file);
  try {
    const publicKey = publicKeyBytes(privateKeyFromSeed(seed));
    const privateKey = new Uint8Array(seed.length + publicKey.length);
    privateKey.set(seed);
    privateKey.set(publicKey, seed.length);
    return { address: base58FromBytes(publicKey), privateKey };
  } finally {
    seed.fill(0);
  }
}

function seedIn(file: string): Uint8Array {
  const bytes = bytesOf(file);
  try {
    return importSeed(bytes);
  } catch {
    // Whatever a parser says may quote the key.
    throw new UsageError(
      `the key file ${file} holds no key: expected one of the Solana CLI, a JSON array of 64 numbers, the last 32 of them the public key of the first`,
    );
  }
}

function bytesOf(file: string): Uint8Array {
  try {
    if (statSync(file).size <= MAX_FILE_BYTES) return readFileSync(file);
  } catch (error) {
    throw new UsageError(`the key file ${file} cannot be read (${codeOf(error)})`);
  }
  throw new UsageError(`the key file ${file} is no key file: it has more than ${MAX_FILE_BYTES} bytes`);
}

/** Throws UsageError where there is something of that name already. */
export function mustBeFree(file: string): void {
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) throw isTaken(file);
}

/** Opened before the text is there, for its owner only: what cannot be kept must not be asked for. Never overwrites. */
export async function writeOnce(file: string, make: () => Promise<string>): Promise<void> {
  const opened = await open(file, 'wx', 0o600).catch((error: unknown) => {
    throw codeOf(error) === 'EEXIST' ? isTaken(file) : new UsageError(`${file} cannot be written (${codeOf(error)})`);
  });
  try {
    await opened.writeFile(await make());
    await opened.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await opened.close();
  }
}

function isTaken(file: string): UsageError {
  return new UsageError(`${file} is there already, and nothing is overwritten: name another file`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
