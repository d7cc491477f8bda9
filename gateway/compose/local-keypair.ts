// Owns how a keystore of the configuration is opened, and what is said where it cannot be.
import type { NamedSecret } from '../../net/named-secret.ts';
import { KeystoreError } from '../../signers/local-keypair/keystore-error.ts';
import { openLocalKeypairSigner } from '../../signers/local-keypair/local-keypair-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { SecretConfig } from '../config/resolve-secret.ts';
import type { LocalKeypairConfig } from '../config/signers/local-keypair.ts';
import { secretSource } from './secret-source.ts';
import { SignerFault } from './unopened-signer.ts';

/** Throws SignerFault where the key cannot be had, or must not be used for this cluster. */
export async function openLocalKeypair(config: LocalKeypairConfig, genesisHash: string): Promise<Signer> {
  const { name, keystoreFile, allowMainnet } = config;
  const named = passphraseOf(config.passphrase);
  const passphrase = await readPassphrase(named);
  const options = { name, keystorePath: keystoreFile, passphrase, cluster: { genesisHash }, allowMainnet };
  return orFault(openLocalKeypairSigner(options), { keystore: 'keystore_file', passphrase: named.field });
}

export function passphraseOf(config: SecretConfig): NamedSecret {
  return { read: secretSource(config), field: config.kind === 'file' ? 'passphrase_file' : 'passphrase_env' };
}

/** With the spaces around it: they count. Throws SignerFault. */
export async function readPassphrase({ read, field }: NamedSecret): Promise<string> {
  return read().catch((error: unknown) => {
    throw new SignerFault(field, error instanceof Error ? error.message : 'it cannot be read');
  });
}

/** `fields`: keys of the configuration; `null`: none says which keystore it is. */
export async function orFault<T>(
  opening: Promise<T>,
  fields: { readonly keystore: string | null; readonly passphrase: string },
): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof KeystoreError)) throw error;
    throw new SignerFault({ ...fields, cluster: 'allow_mainnet' }[error.about], error.message);
  }
}
