// Owns the way from the `fireblocks` entry of the wallet templates to a creator of its keys, and to signers for them.
import * as z from 'zod';
import type { NamedSecret } from '../../../net/named-secret.ts';
import { createFireblocksKeyCreator } from '../../../signers/fireblocks/fireblocks-key-creator.ts';
import { vaultAccountIdSchema } from '../../../signers/fireblocks/vault-accounts.ts';
import type { NamedSecretConfig } from '../../config/signers/named-secret.ts';
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
      timeoutMs: timeoutMs ?? signerTimeoutMs,
      apiKey: ofCreator(creator.apiKey),
      apiPrivateKey: ofCreator(creator.apiPrivateKey),
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

/** Told apart from those under `signer`. */
function ofCreator(config: NamedSecretConfig): NamedSecret {
  const { read, field } = namedSecret(config);
  return { read, field: `creator.${field}` };
}
