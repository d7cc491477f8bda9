// Owns what a key of AWS KMS that the gateway makes is like, and whether one that is there is such a key.
import type { CreateKeyCommandInput, KeyMetadata } from '@aws-sdk/client-kms';
import { cleanText } from '../../net/endpoint.ts';

export interface NewKeyTerms {
  /** JSON; `null`: AWS's default, by which IAM alone decides. */
  readonly keyPolicy: string | null;
  /** The policy need not let the creator change it afterwards. */
  readonly bypassPolicyLockoutSafetyCheck: boolean;
  /** Beside the label. */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** By which a key is found that has no alias. */
export const LABEL_TAG = 'countersign:label';

export function aliasOf(label: string): string {
  return `alias/countersign/${label}`;
}

export function newKey(label: string, terms: NewKeyTerms): CreateKeyCommandInput {
  const { keyPolicy, bypassPolicyLockoutSafetyCheck, tags } = terms;
  return {
    KeySpec: 'ECC_NIST_EDWARDS25519',
    KeyUsage: 'SIGN_VERIFY',
    Origin: 'AWS_KMS',
    Description: descriptionOf(label),
    Tags: [{ key: LABEL_TAG, value: label }, ...tags].map(({ key, value }) => ({ TagKey: key, TagValue: value })),
    ...(keyPolicy === null ? {} : { Policy: keyPolicy }),
    ...(bypassPolicyLockoutSafetyCheck ? { BypassPolicyLockoutSafetyCheck: true } : {}),
  };
}

function descriptionOf(label: string): string {
  return `Countersign: ${label}`;
}

export type FoundKey =
  | { readonly kind: 'usable'; readonly keyArn: string }
  | { readonly kind: 'not_yet' }
  /** What it is instead. */
  | { readonly kind: 'other'; readonly what: string };

/**
 * Of the key that the label's alias leads to. Who may turn the alias to another key could bring one that is known outside of KMS: an
 * imported one is not taken, and none that was not made for this label.
 */
export function keyFor(label: string, found: KeyMetadata | undefined): FoundKey {
  const { Arn: keyArn, KeySpec, KeyUsage, Origin, Description, KeyState } = found ?? {};
  const like = [KeySpec, KeyUsage, Origin];
  if (keyArn === undefined || like.join() !== 'ECC_NIST_EDWARDS25519,SIGN_VERIFY,AWS_KMS') {
    return { kind: 'other', what: cleanText(`${KeySpec} for ${KeyUsage} of the origin ${Origin}`, []) };
  }
  if (Description !== descriptionOf(label)) {
    return { kind: 'other', what: `described as "${cleanText(Description ?? '', [])}", not "${descriptionOf(label)}"` };
  }
  switch (KeyState) {
    case 'Enabled':
      return { kind: 'usable', keyArn };
    case 'Creating':
    case 'Updating':
      return { kind: 'not_yet' };
    default:
      return { kind: 'other', what: `in the state ${cleanText(String(KeyState), [])}` };
  }
}
