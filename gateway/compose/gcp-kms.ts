// Owns the way from the `gcp-kms` entry of the configuration to the signer.
import { createGcpKmsSigner, type GcpKmsAccount } from '../../signers/gcp-kms/gcp-kms-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { GcpAccountConfig, GcpKmsConfig } from '../config/signers/gcp-kms.ts';
import { secretSource } from './secret-source.ts';

/** Calls nothing yet. */
export function openGcpKms(config: GcpKmsConfig, signerTimeoutMs: number): Signer {
  const { name, address, keyVersion, timeoutMs } = config;
  return createGcpKmsSigner({
    name,
    address,
    keyVersion,
    ...gcpAccountOf(config),
    timeoutMs: timeoutMs ?? signerTimeoutMs,
  });
}

/** How Cloud KMS is reached, and who asks it. */
export function gcpAccountOf({ endpoint, keyFile }: GcpAccountConfig): Omit<GcpKmsAccount, 'timeoutMs'> {
  return { endpoint, keyFile: keyFile === null ? null : secretSource(keyFile) };
}
