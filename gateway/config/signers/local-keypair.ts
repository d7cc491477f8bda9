// Owns the `local-keypair` entry of the configuration.
import * as z from 'zod';
import { absent } from '../file-checks.ts';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { environmentVariable, name, path } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';

/** What opens keystores, and for which cluster. */
export const localAccountKeys = {
  passphrase_file: path.optional().describe('File that holds the passphrase. This or `passphrase_env`.'),
  passphrase_env: environmentVariable
    .optional()
    .describe('Name of the environment variable that holds the passphrase.'),
  allow_mainnet: z.boolean().default(false).describe('Sign for mainnet all the same.'),
};

export const localKeypairSchema = z.strictObject({
  name: name.describe('What wallets call it.'),
  type: z.literal('local-keypair').describe('A key in an encrypted file, for development.'),
  keystore_file: path.describe('The keystore. A file of mode 0600, not a link.'),
  ...localAccountKeys,
});

export interface LocalAccountConfig {
  readonly passphrase: SecretConfig;
  readonly allowMainnet: boolean;
}

export interface LocalKeypairConfig extends LocalAccountConfig {
  readonly kind: 'local-keypair';
  readonly name: string;
  readonly keystoreFile: string;
}

export async function resolveLocalAccount(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<z.ZodObject<typeof localAccountKeys>>,
): Promise<LocalAccountConfig | undefined> {
  const { passphrase_file: file, passphrase_env: variable, allow_mainnet: allowMainnet } = entry;
  const passphrase = await resolveSecret(reader, at, { key: 'passphrase', file, variable });
  return passphrase && { passphrase, allowMainnet };
}

export async function resolveLocalKeypair(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof localKeypairSchema>,
): Promise<LocalKeypairConfig | undefined> {
  const keystoreFile = reader.absolute([...at, 'keystore_file'], entry.keystore_file);
  const absence = await absent(keystoreFile);
  if (absence !== null) reader.lacks([...at, 'keystore_file'], absence);
  const account = await resolveLocalAccount(reader, at, entry);
  if (absence !== null || account === undefined) return undefined;
  return { kind: 'local-keypair', name: entry.name, keystoreFile, ...account };
}
