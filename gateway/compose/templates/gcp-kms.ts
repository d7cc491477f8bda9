// Owns the way from the `gcp-kms` entry of the wallet templates to what makes its keys, and to the signers of those.
import * as z from 'zod';
import { gcpKmsSignerOf, openGcpAccount } from '../../../signers/gcp-kms/gcp-kms-signer.ts';
import { createCloudKmsKeyCreator } from '../../../signers/gcp-kms/kms-key-creator.ts';
import { keyVersion } from '../../config/signers/gcp-kms.ts';
import type { GcpKmsTemplate } from '../../config/templates/gcp-kms.ts';
import { gcpAccountOf } from '../gcp-kms.ts';
import { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';
import { sharedAccount } from './shared-account.ts';

const gcpKmsReference = z.strictObject({ key_version: keyVersion });

/** Calls nothing yet. */
export function openGcpKmsTemplate(config: GcpKmsTemplate, signerTimeoutMs: number): OpenedTemplate {
  const { terms, signer, creator } = config;
  const { timeoutMs, maxInFlight, maxWaiting } = signer;
  const account = sharedAccount(() =>
    openGcpAccount({ ...gcpAccountOf(signer), timeoutMs: timeoutMs ?? signerTimeoutMs }),
  );
  return {
    creator: createCloudKmsKeyCreator({ ...creator, ...gcpAccountOf(creator) }),
    openSigner: async ({ address, reference }) => {
      const read = gcpKmsReference.safeParse(reference);
      if (!read.success)
        throw new SignerFault(null, 'the record of the wallet does not name a key version of Cloud KMS');
      return gcpKmsSignerOf({ name: terms.name, address, keyVersion: read.data.key_version }, account());
    },
    guard: { timeoutMs, maxInFlight, maxWaiting },
  };
}
