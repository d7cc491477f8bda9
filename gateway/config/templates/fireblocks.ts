// Owns the `fireblocks` entry of the wallet templates.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import {
  type FireblocksAccountConfig,
  type FireblocksUserConfig,
  fireblocksAccountKeys,
  fireblocksUserKeys,
  resolveFireblocksAccount,
  resolveFireblocksUser,
} from '../signers/fireblocks.ts';
import { type CallTerms, callKeys, callTermsOf } from '../signers/remote-keys.ts';
import { type TemplateTerms, templateKeys, templateTermsOf } from './template-keys.ts';

export const fireblocksTemplateSchema = z.strictObject({
  ...templateKeys,
  type: z.literal('fireblocks').describe('Each wallet is that of a vault account of its own at Fireblocks.'),
  signer: z.strictObject({ ...fireblocksAccountKeys, ...callKeys }).describe('Who has the wallets sign.'),
  creator: z
    .strictObject({
      ...fireblocksUserKeys,
      hidden_on_ui: z
        .boolean()
        .default(false)
        .describe("Keep the vault accounts and their transactions out of Fireblocks' Console."),
    })
    .describe('Who makes the vault accounts: an API user of the same workspace.'),
});

export interface FireblocksTemplate {
  readonly kind: 'fireblocks';
  readonly terms: TemplateTerms;
  readonly signer: FireblocksAccountConfig & CallTerms;
  readonly creator: FireblocksUserConfig & { readonly hiddenOnUi: boolean };
}

export async function resolveFireblocksTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof fireblocksTemplateSchema>,
): Promise<FireblocksTemplate | undefined> {
  const terms = templateTermsOf(entry);
  if (terms.allowExport) {
    reader.refuse(
      [...at, 'allow_export'],
      'must be false for this type: Fireblocks gives out no key of a single wallet',
    );
  }
  if (terms.allowImport) {
    reader.refuse([...at, 'allow_import'], 'must be false for this type: Fireblocks takes no keys for vault accounts');
  }
  const account = await resolveFireblocksAccount(reader, [...at, 'signer'], entry.signer);
  const user = await resolveFireblocksUser(reader, [...at, 'creator'], entry.creator);
  if (account === undefined || user === undefined) return undefined;
  const creator = { ...user, hiddenOnUi: entry.creator.hidden_on_ui };
  return { kind: 'fireblocks', terms, signer: { ...account, ...callTermsOf(entry.signer) }, creator };
}
