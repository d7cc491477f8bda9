// Owns how a keystore of the configuration is opened, and what is said where it cannot be.
import { KeystoreError } from '../../signers/local-keypair/keystore-error.ts';
import { openLocalKeypairSigner } from '../../signers/local-keypair/local-keypair-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { LocalKeypairConfig } from '../config/signers/local-keypair.ts';
import { secretSource } from './secret-source.ts';
import { SignerFault } from './unopened-signer.ts';

/** Throws SignerFault where the key cannot be had, or must not be used for this cluster. */
export async function openLocalKeypair(config: LocalKeypairConfig, genesisHash: string): Promise<Signer> {
  const { name, keystoreFile, allowMainnet } = config;
  const passphraseField = config.passphrase.kind === 'file' ? 'passphrase_file' : 'passphrase_env';
  const fields = { keystore: 'keystore_file', passphrase: passphraseField, cluster: 'allow_mainnet' } as const;
  const passphrase = await secretSource(config.passphrase)().catch((error: unknown) => {
    throw new SignerFault(passphraseField, error instanceof Error ? error.message : 'it cannot be read');
  });
  const cluster = { genesisHash };
  try {
    return await openLocalKeypairSigner({ name, keystorePath: keystoreFile, passphrase, cluster, allowMainnet });
  } catch (error) {
    throw error instanceof KeystoreError ? new SignerFault(fields[error.about], error.message) : error;
  }
}
