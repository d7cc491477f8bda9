// Owns the way from a `turnkey` template of the configuration to its creator of keys and their signers.
import { createTurnkeyKeyCreator } from '../../../signers/turnkey/turnkey-key-creator.ts';
import { readReference } from '../../../signers/turnkey/wallet-reference.ts';
import type { TurnkeyTemplate } from '../../config/templates/turnkey.ts';
import { namedSecret } from '../secret-source.ts';
import { openTurnkey } from '../turnkey.ts';
import { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

/** Calls nothing yet. */
export function openTurnkeyTemplate(config: TurnkeyTemplate, signerTimeoutMs: number): OpenedTemplate {
  const { terms, signer, creator } = config;
  const { timeoutMs, maxInFlight, maxWaiting } = signer;
  const place = { ...signer, apiPrivateKey: namedSecret(creator.apiPrivateKey) };
  return {
    creator: createTurnkeyKeyCreator({ ...place, timeoutMs: timeoutMs ?? signerTimeoutMs }),
    openSigner: async ({ address, reference }) => {
      const reading = readReference(place, reference);
      if (reading.kind === 'strange') throw new SignerFault(null, reading.reason);
      const key = { name: terms.name, address, walletId: reading.walletId, signWith: null };
      return openTurnkey({ kind: 'turnkey', ...signer, ...key }, signerTimeoutMs);
    },
    guard: { timeoutMs, maxInFlight, maxWaiting },
  };
}
