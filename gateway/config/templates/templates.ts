// Owns the section `wallet_templates`: what the wallets are made from that the configuration does not name one by one.
import * as z from 'zod';
import type { KeyPath, Problem } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import { type AwsKmsTemplate, awsKmsTemplateSchema, resolveAwsKmsTemplate } from './aws-kms.ts';
import { type FireblocksTemplate, fireblocksTemplateSchema, resolveFireblocksTemplate } from './fireblocks.ts';
import { type GcpKmsTemplate, gcpKmsTemplateSchema, resolveGcpKmsTemplate } from './gcp-kms.ts';
import { type LocalKeypairTemplate, localKeypairTemplateSchema, resolveLocalKeypairTemplate } from './local-keypair.ts';
import { type PrivyTemplate, privyTemplateSchema, resolvePrivyTemplate } from './privy.ts';
import { type TemplateTerms, templateTermsOf } from './template-keys.ts';
import { resolveTurnkeyTemplate, type TurnkeyTemplate, turnkeyTemplateSchema } from './turnkey.ts';
import { resolveVaultTransitTemplate, type VaultTransitTemplate, vaultTransitTemplateSchema } from './vault-transit.ts';

export const templateSchema = z.discriminatedUnion(
  'type',
  [
    awsKmsTemplateSchema,
    fireblocksTemplateSchema,
    gcpKmsTemplateSchema,
    localKeypairTemplateSchema,
    privyTemplateSchema,
    turnkeyTemplateSchema,
    vaultTransitTemplateSchema,
  ],
  { error: 'must be aws-kms, fireblocks, gcp-kms, local-keypair, privy, turnkey or vault-transit' },
);

export type TemplateEntry = z.output<typeof templateSchema>;

export type TemplateConfig =
  | AwsKmsTemplate
  | FireblocksTemplate
  | GcpKmsTemplate
  | LocalKeypairTemplate
  | PrivyTemplate
  | TurnkeyTemplate
  | VaultTransitTemplate;

/** Something that the entry names is not there: the gateway starts, and nothing is made or signed from this template. */
export interface LackingTemplate {
  readonly kind: 'lacking';
  readonly terms: TemplateTerms;
  /** `type` of the entry. */
  readonly backend: string;
  /** Key of the entry that is to be looked at, such as `signer.token_file`. */
  readonly field: string;
  readonly reason: string;
}

/** `undefined`, with a problem, where the entry cannot be used. */
export async function resolveTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: TemplateEntry,
): Promise<TemplateConfig | LackingTemplate | undefined> {
  const lacks: Problem[] = [];
  const resolved = await resolveEntry(
    reader.lenient((problem) => lacks.push(problem)),
    at,
    entry,
  );
  const [first] = lacks;
  return first === undefined ? resolved : lackingTemplate(entry, first);
}

function lackingTemplate(entry: TemplateEntry, { path, message: reason }: Problem): LackingTemplate {
  const [, field = path] = /\]\.(.+)$/.exec(path) ?? [];
  return { kind: 'lacking', terms: templateTermsOf(entry), backend: entry.type, field, reason };
}

async function resolveEntry(
  reader: SectionReader,
  at: KeyPath,
  entry: TemplateEntry,
): Promise<TemplateConfig | undefined> {
  switch (entry.type) {
    case 'aws-kms':
      return resolveAwsKmsTemplate(reader, at, entry);
    case 'fireblocks':
      return resolveFireblocksTemplate(reader, at, entry);
    case 'gcp-kms':
      return resolveGcpKmsTemplate(reader, at, entry);
    case 'local-keypair':
      return resolveLocalKeypairTemplate(reader, at, entry);
    case 'privy':
      return resolvePrivyTemplate(reader, at, entry);
    case 'turnkey':
      return resolveTurnkeyTemplate(reader, at, entry);
    case 'vault-transit':
      return resolveVaultTransitTemplate(reader, at, entry);
  }
}
