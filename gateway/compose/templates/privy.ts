// Owns the way from a `privy` template of the configuration to its creator of keys and their signers.
import { createPrivyKeyCreator } from '../../../signers/privy/privy-key-creator.ts';
import { walletIdIn } from '../../../signers/privy/wallet-reference.ts';
import type { PrivyTemplate } from '../../config/templates/privy.ts';
import { openPrivy } from '../privy.ts';
import { namedSecret } from '../secret-source.ts';
import { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

/** Calls nothing yet. */
export function openPrivyTemplate(config: PrivyTemplate, signerTimeoutMs: number): OpenedTemplate {
  const { terms, signer, creator } = config;
  const { url, appId, timeoutMs, maxInFlight, maxWaiting } = signer;
  const { appSecret, ...holders } = creator;
  return {
    creator: createPrivyKeyCreator({
      url,
      appId,
      appSecret: namedSecret(appSecret),
      timeoutMs: timeoutMs ?? signerTimeoutMs,
      holders,
    }),
    openSigner: async ({ address, reference }) => {
      const walletId = walletIdIn(reference);
      if (walletId === null) {
        throw new SignerFault(null, 'what is kept of the key names no wallet of Privy (wallet_id)');
      }
      return openPrivy({ kind: 'privy', ...signer, name: terms.name, address, walletId }, signerTimeoutMs);
    },
    guard: { timeoutMs, maxInFlight, maxWaiting },
  };
}
