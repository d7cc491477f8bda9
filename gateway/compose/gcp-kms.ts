// Owns the way from the `gcp-kms` entry of the configuration to the signer.
import { createGcpKmsSigner } from '../../signers/gcp-kms/gcp-kms-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { GcpKmsConfig } from '../config/signers/gcp-kms.ts';
import { secretSource } from './secret-source.ts';

/** Calls nothing yet. */
export function openGcpKms(config: GcpKmsConfig, signerTimeoutMs: number): Signer {
  const { name, address, keyVersion, endpoint, keyFile, timeoutMs } = config;
  return createGcpKmsSigner({
    name,
    address,
    keyVersion,
    endpoint,
    keyFile: keyFile === null ? null : secretSource(keyFile),
    timeoutMs: timeoutMs ?? signerTimeoutMs,
  });
}
