// Owns the way from the `fireblocks` entry of the configuration to the signer.
import { createFireblocksSigner } from '../../signers/fireblocks/fireblocks-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { FireblocksConfig } from '../config/signers/fireblocks.ts';
import { namedSecret } from './secret-source.ts';

/** Calls nothing yet. */
export function openFireblocks(config: FireblocksConfig, signerTimeoutMs: number): Signer {
  return createFireblocksSigner({
    ...config,
    timeoutMs: config.timeoutMs ?? signerTimeoutMs,
    apiKey: namedSecret(config.apiKey),
    apiPrivateKey: namedSecret(config.apiPrivateKey),
  });
}
