// Owns the `aws-kms` entry of the wallet templates.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { milliseconds, path } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { type AwsAccountConfig, awsAccountKeys, resolveAwsAccount } from '../signers/aws-kms.ts';
import { type CallTerms, callKeys, callTermsOf } from '../signers/remote-keys.ts';
import { readKeyPolicy } from './key-policy-file.ts';
import { refuseSealedKeys } from './sealed-keys.ts';
import { type TemplateTerms, templateKeys, templateTermsOf } from './template-keys.ts';

/** What AWS takes in keys and values of tags. */
const TAG_CHARACTERS = /^[\p{L}\p{N} _.:/=+@-]*$/u;
const RESERVED = /^(aws|countersign):/i;

const tag = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(128)
    .regex(TAG_CHARACTERS, { error: 'must be of letters, digits, spaces and _ . : / = + @ -' })
    .refine((key) => !RESERVED.test(key), { error: 'must not begin with aws: or countersign:' })
    .describe('Key of a tag that each key gets, beside `countersign:label`.'),
  value: z
    .string()
    .max(256)
    .regex(TAG_CHARACTERS, { error: 'must be of letters, digits, spaces and _ . : / = + @ -' })
    .describe('Value of the tag.'),
});

export const awsKmsTemplateSchema = z.strictObject({
  ...templateKeys,
  type: z.literal('aws-kms').describe('Each wallet is a key of its own in AWS Key Management Service.'),
  signer: z
    .strictObject({ ...awsAccountKeys, ...callKeys })
    .prefault({})
    .describe('Who signs with the keys that are made.'),
  creator: z
    .strictObject({
      region: z
        .string()
        .regex(/^[a-z]{2,8}(-[a-z0-9]{1,16}){2,4}$/, { error: 'must be a region of AWS, such as eu-central-1' })
        .describe('Region of AWS that the keys are made in.'),
      ...awsAccountKeys,
      timeout_ms: milliseconds(50, 120_000).default(10_000).describe('How long one call may take.'),
      key_policy_file: path
        .optional()
        .describe("JSON file of the key policy that each key gets. Absent: AWS's default, by which IAM alone decides."),
      bypass_policy_lockout_safety_check: z
        .boolean()
        .default(false)
        .describe('Whether the key policy need not let the creator change it afterwards.'),
      tags: z.array(tag).max(49).default([]),
      pending_window_days: z
        .int()
        .min(7)
        .max(30)
        .default(30)
        .describe('Days for which the key of a destroyed wallet can still be brought back at AWS.'),
    })
    .describe('Who makes them, and how.'),
});

type AwsKmsTemplateEntry = z.output<typeof awsKmsTemplateSchema>;

export interface AwsKmsTemplate {
  readonly kind: 'aws-kms';
  readonly terms: TemplateTerms;
  readonly signer: AwsAccountConfig & CallTerms;
  readonly creator: AwsAccountConfig & {
    readonly region: string;
    readonly timeoutMs: number;
    /** JSON; `null`: AWS's default. */
    readonly keyPolicy: string | null;
    readonly bypassPolicyLockoutSafetyCheck: boolean;
    readonly tags: readonly { readonly key: string; readonly value: string }[];
    readonly pendingWindowDays: number;
  };
}

export async function resolveAwsKmsTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: AwsKmsTemplateEntry,
): Promise<AwsKmsTemplate | undefined> {
  const terms = templateTermsOf(entry);
  refuseSealedKeys(reader, at, terms, 'AWS KMS');
  const account = await resolveAwsAccount(reader, [...at, 'signer'], entry.signer);
  const creator = await resolveCreator(reader, [...at, 'creator'], entry.creator);
  if (account === undefined || creator === undefined) return undefined;
  return { kind: 'aws-kms', terms, signer: { ...account, ...callTermsOf(entry.signer) }, creator };
}

async function resolveCreator(
  reader: SectionReader,
  at: KeyPath,
  entry: AwsKmsTemplateEntry['creator'],
): Promise<AwsKmsTemplate['creator'] | undefined> {
  const { region, key_policy_file: policyFile, bypass_policy_lockout_safety_check: bypass, tags } = entry;
  if (bypass && policyFile === undefined) {
    reader.refuse([...at, 'bypass_policy_lockout_safety_check'], 'is nothing without key_policy_file');
  }
  const twice = tags.findIndex(({ key }, index) => tags.findIndex((each) => each.key === key) !== index);
  if (twice !== -1) reader.refuse([...at, 'tags', twice, 'key'], 'is the key of another tag here');
  const account = await resolveAwsAccount(reader, at, entry);
  const keyPolicy =
    policyFile === undefined ? null : await readKeyPolicy(reader, [...at, 'key_policy_file'], policyFile);
  if (account === undefined || keyPolicy === undefined) return undefined;
  return {
    ...account,
    region,
    timeoutMs: entry.timeout_ms,
    keyPolicy,
    bypassPolicyLockoutSafetyCheck: bypass,
    tags,
    pendingWindowDays: entry.pending_window_days,
  };
}
