// Owns the `vault-transit` entry of the wallet templates.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import { type CallTerms, callKeys, callTermsOf } from '../signers/remote-keys.ts';
import {
  resolveVaultAccount,
  resolveVaultLogin,
  type VaultAccountConfig,
  type VaultLoginConfig,
  vaultAccountKeys,
  vaultLoginKeys,
} from '../signers/vault-transit.ts';
import { type TemplateTerms, templateKeys, templateTermsOf } from './template-keys.ts';

export const vaultTransitTemplateSchema = z.strictObject({
  ...templateKeys,
  type: z
    .literal('vault-transit')
    .describe(
      'Each wallet is a key in the transit engine of HashiCorp Vault or OpenBao; exportable with `allow_export`.',
    ),
  signer: z.strictObject({ ...vaultAccountKeys, ...callKeys }).describe('Where the keys are, and who signs with them.'),
  creator: z
    .strictObject({
      ...vaultLoginKeys,
      deletion_allowed: z
        .boolean()
        .default(false)
        .describe('Delete the key of a wallet that is destroyed. `false`: it stays in Vault.'),
    })
    .describe('Who makes the keys, at the same place.'),
});

export interface VaultTransitTemplate {
  readonly kind: 'vault-transit';
  readonly terms: TemplateTerms;
  readonly signer: VaultAccountConfig & CallTerms;
  readonly creator: { readonly login: VaultLoginConfig; readonly deletionAllowed: boolean };
}

export async function resolveVaultTransitTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof vaultTransitTemplateSchema>,
): Promise<VaultTransitTemplate | undefined> {
  const account = await resolveVaultAccount(reader, [...at, 'signer'], entry.signer);
  const login = await resolveVaultLogin(reader, [...at, 'creator'], entry.creator);
  if (account === undefined || login === undefined) return undefined;
  return {
    kind: 'vault-transit',
    terms: templateTermsOf(entry),
    signer: { ...account, ...callTermsOf(entry.signer) },
    creator: { login, deletionAllowed: entry.creator.deletion_allowed },
  };
}
