// Owns the section `wallet_templates`: what the wallets are made from that the configuration does not name one by one.
import * as z from 'zod';
import { type LackingEntry, resolveOrLack } from '../lacking-entry.ts';
import type { KeyPath } from '../problem.ts';
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
export interface LackingTemplate extends LackingEntry<TemplateConfig> {
  readonly terms: TemplateTerms;
  /** `type` of the entry. */
  readonly backend: string;
}

/** `undefined`, with a problem, where the entry cannot be used. */
export async function resolveTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: TemplateEntry,
): Promise<TemplateConfig | LackingTemplate | undefined> {
  const template = await resolveOrLack(reader, at, (lenient) => resolveEntry(lenient, at, entry));
  if (template?.kind !== 'lacking') return template;
  return { ...template, terms: templateTermsOf(entry), backend: entry.type };
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
