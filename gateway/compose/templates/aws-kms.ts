// Owns the way from the `aws-kms` entry of the wallet templates to what makes its keys, and to the signers of those.
import * as z from 'zod';
import { awsKmsSignerOf, regionOf } from '../../../signers/aws-kms/aws-kms-signer.ts';
import { createKmsCaller, type KmsCaller } from '../../../signers/aws-kms/kms-caller.ts';
import { createKmsKeyCreator } from '../../../signers/aws-kms/kms-key-creator.ts';
import { keyArn } from '../../config/signers/aws-kms.ts';
import type { AwsKmsTemplate } from '../../config/templates/aws-kms.ts';
import { awsAccountOf } from '../aws-kms.ts';
import { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';
import { sharedAccount } from './shared-account.ts';

const awsKmsReference = z.strictObject({ key_arn: keyArn });

/** Calls nothing yet. */
export function openAwsKmsTemplate(config: AwsKmsTemplate, signerTimeoutMs: number): OpenedTemplate {
  const { terms, signer, creator } = config;
  const { timeoutMs, maxInFlight, maxWaiting } = signer;
  const accounts = new Map<string, () => KmsCaller>();
  /** Keys stay in the region that they were made in, whatever is configured later. */
  const accountIn = (region: string): KmsCaller => {
    const found = accounts.get(region);
    if (found !== undefined) return found();
    const options = { ...awsAccountOf(signer), region, timeoutMs: timeoutMs ?? signerTimeoutMs };
    const account = sharedAccount(() => createKmsCaller(options));
    accounts.set(region, account);
    return account();
  };
  return {
    creator: createKmsKeyCreator({ ...creator, ...awsAccountOf(creator) }),
    openSigner: async ({ address, reference }) => {
      const read = awsKmsReference.safeParse(reference);
      if (!read.success)
        throw new SignerFault(null, 'the record of the wallet does not name a key of AWS KMS by its ARN');
      const arn = read.data.key_arn;
      return awsKmsSignerOf({ name: terms.name, address, keyArn: arn }, accountIn(regionOf(arn)));
    },
    guard: { timeoutMs, maxInFlight, maxWaiting },
  };
}
