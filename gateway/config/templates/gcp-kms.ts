// Owns the `gcp-kms` entry of the wallet templates.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { milliseconds } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { type GcpAccountConfig, gcpAccountKeys, keyRing, resolveGcpAccount } from '../signers/gcp-kms.ts';
import { type CallTerms, callKeys, callTermsOf } from '../signers/remote-keys.ts';
import { refuseSealedKeys } from './sealed-keys.ts';
import { type TemplateTerms, templateKeys, templateTermsOf } from './template-keys.ts';

export const gcpKmsTemplateSchema = z.strictObject({
  ...templateKeys,
  type: z.literal('gcp-kms').describe('Each wallet is a key of its own in Google Cloud KMS.'),
  signer: z
    .strictObject({ ...gcpAccountKeys, ...callKeys })
    .prefault({})
    .describe('Who signs with the keys that are made.'),
  creator: z
    .strictObject({
      key_ring: keyRing.describe('Resource name of the key ring that the keys are made in.'),
      protection_level: z.enum(['SOFTWARE', 'HSM']).describe('Where the keys are kept.'),
      ...gcpAccountKeys,
      timeout_ms: milliseconds(50, 120_000).default(10_000).describe('How long one call may take.'),
      destroy_scheduled_days: z
        .int()
        .min(1)
        .max(120)
        .default(30)
        .describe('Days for which the key of a destroyed wallet can still be brought back at Google.'),
    })
    .describe('Who makes them, and how.'),
});

export interface GcpKmsTemplate {
  readonly kind: 'gcp-kms';
  readonly terms: TemplateTerms;
  readonly signer: GcpAccountConfig & CallTerms;
  readonly creator: GcpAccountConfig & {
    readonly keyRing: string;
    readonly protectionLevel: 'SOFTWARE' | 'HSM';
    readonly timeoutMs: number;
    readonly destroyScheduledDays: number;
  };
}

export async function resolveGcpKmsTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof gcpKmsTemplateSchema>,
): Promise<GcpKmsTemplate | undefined> {
  const terms = templateTermsOf(entry);
  refuseSealedKeys(reader, at, terms, 'Cloud KMS');
  const account = await resolveGcpAccount(reader, [...at, 'signer'], entry.signer);
  const creatorAccount = await resolveGcpAccount(reader, [...at, 'creator'], entry.creator);
  if (account === undefined || creatorAccount === undefined) return undefined;
  const { key_ring, protection_level, timeout_ms: timeoutMs, destroy_scheduled_days } = entry.creator;
  const creator = {
    ...creatorAccount,
    keyRing: key_ring,
    protectionLevel: protection_level,
    timeoutMs,
    destroyScheduledDays: destroy_scheduled_days,
  };
  return { kind: 'gcp-kms', terms, signer: { ...account, ...callTermsOf(entry.signer) }, creator };
}
