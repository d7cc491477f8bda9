// Owns the way from the `fireblocks` entry of the wallet templates to a creator of its keys, and to signers for them.
import * as z from 'zod';
import { createFireblocksKeyCreator } from '../../../signers/fireblocks/fireblocks-key-creator.ts';
import { vaultAccountIdSchema } from '../../../signers/fireblocks/vault-accounts.ts';
import type { FireblocksTemplate } from '../../config/templates/fireblocks.ts';
import { openFireblocks } from '../fireblocks.ts';
import { namedSecret } from '../secret-source.ts';
import { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

/** The asset is the one that the key was made for, whatever the template says now. */
const referenceSchema = z.strictObject({
  vault_account_id: vaultAccountIdSchema,
  asset_id: z.enum(['SOL', 'SOL_TEST']),
});

/** For one call: nobody waits for a signature meanwhile. */
const CREATOR_TIMEOUT_MS = 30_000;

/** Calls nothing yet. */
export function openFireblocksTemplate(
  { terms, signer, creator }: FireblocksTemplate,
  signerTimeoutMs: number,
): OpenedTemplate {
  const { url, assetId, timeoutMs, maxInFlight, maxWaiting } = signer;
  return {
    creator: createFireblocksKeyCreator({
      url,
      assetId,
      timeoutMs: CREATOR_TIMEOUT_MS,
      apiKey: namedSecret(creator.apiKey),
      apiPrivateKey: namedSecret(creator.apiPrivateKey),
      hiddenOnUi: creator.hiddenOnUi,
    }),
    openSigner: async ({ address, reference }) => {
      const read = referenceSchema.safeParse(reference);
      if (!read.success) throw new SignerFault(null, 'the record of its key names no wallet at Fireblocks');
      const { vault_account_id: vaultAccountId, asset_id } = read.data;
      const key = { name: terms.name, address, vaultAccountId };
      return openFireblocks({ kind: 'fireblocks', ...signer, ...key, assetId: asset_id }, signerTimeoutMs);
    },
    guard: { timeoutMs, maxInFlight, maxWaiting },
  };
}
