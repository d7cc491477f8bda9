// Owns the way from the `aws-kms` entry of the configuration to the signer.
import { createAwsKmsSigner } from '../../signers/aws-kms/aws-kms-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { AwsKmsConfig } from '../config/signers/aws-kms.ts';
import { secretSource } from './secret-source.ts';

/** Calls nothing yet. */
export function openAwsKms(config: AwsKmsConfig, signerTimeoutMs: number): Signer {
  const { name, address, keyArn, endpoint, accessKey, timeoutMs } = config;
  return createAwsKmsSigner({
    name,
    address,
    keyArn,
    endpoint,
    timeoutMs: timeoutMs ?? signerTimeoutMs,
    credentialsField: accessKey?.field ?? 'access_key_id',
    accessKey:
      accessKey === null
        ? null
        : {
            accessKeyId: accessKey.accessKeyId,
            secretAccessKey: secretSource(accessKey.secret),
            sessionToken: accessKey.sessionToken === null ? null : secretSource(accessKey.sessionToken),
          },
  });
}
