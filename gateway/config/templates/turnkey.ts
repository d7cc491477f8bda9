// Owns the `turnkey` entry of the wallet templates.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import { type NamedSecretConfig, resolveNamedSecret } from '../signers/named-secret.ts';
import { type CallTerms, callKeys, callTermsOf } from '../signers/remote-keys.ts';
import {
  resolveTurnkeyAccount,
  type TurnkeyAccountConfig,
  turnkeyAccountKeys,
  turnkeyApiKeyKeys,
} from '../signers/turnkey.ts';
import { refuseKeysInOrOut, type TemplateTerms, templateKeys, templateTermsOf } from './template-keys.ts';

export const turnkeyTemplateSchema = z.strictObject({
  ...templateKeys,
  type: z.literal('turnkey').describe('Each wallet is one of Turnkey, with a seed of its own.'),
  signer: z.strictObject({ ...turnkeyAccountKeys, ...callKeys }).describe('Who signs with the keys that are made.'),
  creator: z
    .strictObject(turnkeyApiKeyKeys)
    .describe('Who makes them, and deletes them: a user of the same organization or sub-organization.'),
});

export interface TurnkeyTemplate {
  readonly kind: 'turnkey';
  readonly terms: TemplateTerms;
  readonly signer: TurnkeyAccountConfig & CallTerms;
  readonly creator: { readonly apiPrivateKey: NamedSecretConfig };
}

export async function resolveTurnkeyTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof turnkeyTemplateSchema>,
): Promise<TurnkeyTemplate | undefined> {
  const terms = templateTermsOf(entry);
  refuseKeysInOrOut(reader, at, terms, "Turnkey's own tools");
  const account = await resolveTurnkeyAccount(reader, [...at, 'signer'], entry.signer);
  const apiPrivateKey = await resolveNamedSecret(reader, [...at, 'creator'], 'api_private_key', entry.creator);
  if (account === undefined || apiPrivateKey === undefined) return undefined;
  return { kind: 'turnkey', terms, signer: { ...account, ...callTermsOf(entry.signer) }, creator: { apiPrivateKey } };
}
