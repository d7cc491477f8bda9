// Owns the way from the `privy` entry of the configuration to the signer.
import type { NamedSecret } from '../../net/named-secret.ts';
import { createPrivySigner } from '../../signers/privy/privy-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { NamedSecretConfig, PrivyConfig } from '../config/signers/privy.ts';
import { secretSource } from './secret-source.ts';

/** Calls nothing yet. */
export function openPrivy(config: PrivyConfig, signerTimeoutMs: number): Signer {
  return createPrivySigner({
    ...config,
    timeoutMs: config.timeoutMs ?? signerTimeoutMs,
    appSecret: named(config.appSecret),
    authorizationKey: config.authorizationKey && named(config.authorizationKey),
  });
}

function named({ secret, field }: NamedSecretConfig): NamedSecret {
  return { read: secretSource(secret), field };
}
