// Owns the way from the `turnkey` entry of the configuration to the signer.
import type { Signer } from '../../signers/signer.ts';
import { createTurnkeySigner } from '../../signers/turnkey/turnkey-signer.ts';
import type { TurnkeyConfig } from '../config/signers/turnkey.ts';
import { namedSecret } from './secret-source.ts';

/** Calls nothing yet. */
export function openTurnkey(config: TurnkeyConfig, signerTimeoutMs: number): Signer {
  return createTurnkeySigner({
    ...config,
    timeoutMs: config.timeoutMs ?? signerTimeoutMs,
    apiPrivateKey: namedSecret(config.apiPrivateKey),
  });
}
