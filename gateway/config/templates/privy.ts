// Owns the `privy` entry of the wallet templates.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import { type NamedSecretConfig, resolveNamedSecret } from '../signers/named-secret.ts';
import {
  type PrivyAccountConfig,
  privyAccountKeys,
  privyAppSecretKeys,
  privyId,
  resolvePrivyAccount,
} from '../signers/privy.ts';
import { type CallTerms, callKeys, callTermsOf } from '../signers/remote-keys.ts';
import { refuseKeysInOrOut, type TemplateTerms, templateKeys, templateTermsOf } from './template-keys.ts';

export const privyTemplateSchema = z.strictObject({
  ...templateKeys,
  type: z.literal('privy').describe("Each wallet is one in Privy's enclaves."),
  signer: z.strictObject({ ...privyAccountKeys, ...callKeys }).describe('Who signs with the wallets that are made.'),
  creator: z
    .strictObject({
      ...privyAppSecretKeys,
      owner_id: privyId.describe('Key quorum that owns each wallet: it alone may change and export it.'),
      policy_id: privyId.optional().describe('Policy that the owner is bound to. Absent: none.'),
      signer_id: privyId
        .optional()
        .describe("Key quorum of the gateway's key, which signs for each wallet. Absent: that key is the owner's."),
      signer_policy_id: privyId.optional().describe("Policy that the gateway's key is bound to. Absent: the owner's."),
    })
    .describe('Who makes them, and whose they are.'),
});

export interface PrivyTemplate {
  readonly kind: 'privy';
  readonly terms: TemplateTerms;
  readonly signer: PrivyAccountConfig & CallTerms;
  readonly creator: {
    readonly appSecret: NamedSecretConfig;
    readonly ownerId: string;
    readonly policyId: string | null;
    /** `null`: the owner signs. */
    readonly signerId: string | null;
    readonly signerPolicyId: string | null;
  };
}

type PrivyTemplateEntry = z.output<typeof privyTemplateSchema>;

export async function resolvePrivyTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: PrivyTemplateEntry,
): Promise<PrivyTemplate | undefined> {
  const terms = templateTermsOf(entry);
  refuseKeysInOrOut(reader, at, terms, "Privy's own tools, by its owner");
  const account = await resolvePrivyAccount(reader, [...at, 'signer'], entry.signer);
  if (account?.authorizationKey === null) {
    reader.refuse([...at, 'signer'], 'needs authorization_key_file or authorization_key_env: each wallet has an owner');
  }
  const creator = await resolveCreator(reader, [...at, 'creator'], entry.creator);
  if (account === undefined || creator === undefined) return undefined;
  return { kind: 'privy', terms, signer: { ...account, ...callTermsOf(entry.signer) }, creator };
}

async function resolveCreator(
  reader: SectionReader,
  at: KeyPath,
  entry: PrivyTemplateEntry['creator'],
): Promise<PrivyTemplate['creator'] | undefined> {
  const { owner_id: ownerId, policy_id: policyId = null } = entry;
  const { signer_id: signerId = null, signer_policy_id: signerPolicyId = null } = entry;
  if (signerId === null && signerPolicyId !== null) {
    reader.refuse([...at, 'signer_policy_id'], 'binds the key quorum of signer_id: give that too');
  }
  if (signerId === ownerId) {
    reader.refuse([...at, 'signer_id'], 'is the owner, who signs anyway: leave it out, or name another key quorum');
  }
  const appSecret = await resolveNamedSecret(reader, at, 'app_secret', entry);
  return appSecret && { appSecret, ownerId, policyId, signerId, signerPolicyId };
}
