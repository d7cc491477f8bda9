// Owns the way from the `aws-kms` entry of the configuration to the signer.
import { createAwsKmsSigner } from '../../signers/aws-kms/aws-kms-signer.ts';
import type { KmsCallerOptions } from '../../signers/aws-kms/kms-caller.ts';
import type { Signer } from '../../signers/signer.ts';
import type { AwsAccountConfig, AwsKmsConfig } from '../config/signers/aws-kms.ts';
import { secretSource } from './secret-source.ts';

/** Calls nothing yet. */
export function openAwsKms(config: AwsKmsConfig, signerTimeoutMs: number): Signer {
  const { name, address, keyArn, timeoutMs } = config;
  return createAwsKmsSigner({
    name,
    address,
    keyArn,
    ...awsAccountOf(config),
    timeoutMs: timeoutMs ?? signerTimeoutMs,
  });
}

/** How KMS is reached, and who asks it. */
export function awsAccountOf({
  endpoint,
  accessKey,
}: AwsAccountConfig): Pick<KmsCallerOptions, 'endpoint' | 'accessKey' | 'credentialsField'> {
  if (accessKey === null) return { endpoint, accessKey, credentialsField: 'access_key_id' };
  const { accessKeyId, secret, sessionToken, field } = accessKey;
  return {
    endpoint,
    accessKey: {
      accessKeyId,
      secretAccessKey: secretSource(secret),
      sessionToken: sessionToken === null ? null : secretSource(sessionToken),
    },
    credentialsField: field,
  };
}
