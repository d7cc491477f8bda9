// Owns the way from the `privy` entry of the configuration to the signer.
import { createPrivySigner } from '../../signers/privy/privy-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { PrivyConfig } from '../config/signers/privy.ts';
import { namedSecret } from './secret-source.ts';

/** Calls nothing yet. */
export function openPrivy(config: PrivyConfig, signerTimeoutMs: number): Signer {
  return createPrivySigner({
    ...config,
    timeoutMs: config.timeoutMs ?? signerTimeoutMs,
    appSecret: namedSecret(config.appSecret),
    authorizationKey: config.authorizationKey && namedSecret(config.authorizationKey),
  });
}
