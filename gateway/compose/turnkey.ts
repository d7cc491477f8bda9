// Owns the way from the `turnkey` entry of the configuration to the signer.
import type { Signer } from '../../signers/signer.ts';
import { createTurnkeySigner } from '../../signers/turnkey/turnkey-signer.ts';
import type { TurnkeyConfig } from '../config/signers/turnkey.ts';
import { secretSource } from './secret-source.ts';

/** Calls nothing yet. */
export function openTurnkey(config: TurnkeyConfig, signerTimeoutMs: number): Signer {
  const { secret, field } = config.apiPrivateKey;
  return createTurnkeySigner({
    ...config,
    timeoutMs: config.timeoutMs ?? signerTimeoutMs,
    apiPrivateKey: { read: secretSource(secret), field },
  });
}
