// Owns the keys of a development environment: made once, kept in its folder, readable by their owner only.
import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, createKeyPairSignerFromPrivateKeyBytes, type KeyPairSigner } from '@solana/kit';
import { createKeystore } from '../../signers/local-keypair/create-keystore.ts';

export interface DevelopmentKeys {
  readonly keystoreFile: string;
  readonly passphraseFile: string;
  readonly operatorKeyFile: string;
  readonly agentKeyFile: string;
  readonly recipient: Address;
  readonly mint: KeyPairSigner;
  readonly mintAuthority: KeyPairSigner;
}

/** `scryptCost`: less than the default only for tests. */
export async function developmentKeys(directory: string, scryptCost?: number): Promise<DevelopmentKeys> {
  const folder = join(directory, 'keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keystoreFile = join(folder, 'treasury.keystore.json');
  const passphraseFile = join(folder, 'treasury.passphrase');
  await ensureKeystore(keystoreFile, passphraseFile, scryptCost);
  const [recipient, mint, mintAuthority] = await Promise.all(
    ['recipient', 'mint', 'mint-authority'].map((name) => keptSigner(join(folder, `${name}.seed`))),
  );
  if (recipient === undefined || mint === undefined || mintAuthority === undefined) throw new Error('a key is missing');
  return {
    keystoreFile,
    passphraseFile,
    operatorKeyFile: join(folder, 'operator.key'),
    agentKeyFile: join(folder, 'trader.key'),
    recipient: recipient.address,
    mint,
    mintAuthority,
  };
}

/** What a file holds, or null where there is none. */
export async function readIfThere(file: string): Promise<string | null> {
  return (await isThere(file)) ? readFile(file, 'utf8') : null;
}

export function writePrivate(file: string, text: string): Promise<void> {
  return writeFile(file, text, { mode: 0o600 });
}

async function ensureKeystore(keystoreFile: string, passphraseFile: string, scryptCost?: number): Promise<void> {
  if (await isThere(keystoreFile)) return;
  const passphrase = randomBytes(24).toString('base64url');
  await writePrivate(passphraseFile, `${passphrase}\n`);
  await createKeystore({ path: keystoreFile, passphrase, ...(scryptCost === undefined ? {} : { scryptCost }) });
}

/** These hold no money anywhere but on the local chain, so their seeds are kept in the clear. */
async function keptSigner(file: string): Promise<KeyPairSigner> {
  const kept = await readIfThere(file);
  const seed = kept === null ? randomBytes(32) : Buffer.from(kept.trim(), 'hex');
  if (kept === null) await writePrivate(file, `${seed.toString('hex')}\n`);
  return createKeyPairSignerFromPrivateKeyBytes(seed);
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
