// Owns the `local-keypair` entry of the configuration.
import * as z from 'zod';
import { absent } from '../file-checks.ts';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { environmentVariable, name, path } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';

export const localKeypairSchema = z.strictObject({
  name: name.describe('What wallets call it.'),
  type: z.literal('local-keypair').describe('A key in an encrypted file, for development.'),
  keystore_file: path.describe('The keystore. A file of mode 0600, not a link.'),
  passphrase_file: path.optional().describe('File that holds the passphrase. This or `passphrase_env`.'),
  passphrase_env: environmentVariable
    .optional()
    .describe('Name of the environment variable that holds the passphrase.'),
  allow_mainnet: z.boolean().default(false).describe('Sign for mainnet all the same.'),
});

export interface LocalKeypairConfig {
  readonly kind: 'local-keypair';
  readonly name: string;
  readonly keystoreFile: string;
  readonly passphrase: SecretConfig;
  readonly allowMainnet: boolean;
}

export async function resolveLocalKeypair(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof localKeypairSchema>,
): Promise<LocalKeypairConfig | undefined> {
  const keystoreFile = reader.absolute([...at, 'keystore_file'], entry.keystore_file);
  const absence = await absent(keystoreFile);
  if (absence !== null) reader.lacks([...at, 'keystore_file'], absence);
  const passphrase = await resolveSecret(reader, at, {
    key: 'passphrase',
    file: entry.passphrase_file,
    variable: entry.passphrase_env,
  });
  if (absence !== null || passphrase === undefined) return undefined;
  return { kind: 'local-keypair', name: entry.name, keystoreFile, passphrase, allowMainnet: entry.allow_mainnet };
}
