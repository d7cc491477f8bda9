// Owns the `aws-kms` signer: an Ed25519 key in AWS Key Management Service, whose requests the AWS SDK makes and signs.
import {
  DryRunOperationException,
  GetPublicKeyCommand,
  type GetPublicKeyCommandOutput,
  SignCommand,
  type SignCommandOutput,
} from '@aws-sdk/client-kms';
import { SIGNATURE_BYTES } from '../ed25519-key.ts';
import { remoteSigner } from '../remote-signer.ts';
import type { Signer, SignerCheck, SignResult } from '../signer.ts';
import { createKmsCaller, type KmsCaller, type KmsCallerOptions } from './kms-caller.ts';
import { checkOf, signResultOf } from './kms-failure.ts';
import { addressIn } from './kms-public-key.ts';

export interface AwsKmsKey {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address of the key. */
  readonly address: string;
  /** `arn:aws:kms:<region>:<account>:key/<id>`; no alias, which could be turned to another key. */
  readonly keyArn: string;
}

export type AwsKmsOptions = AwsKmsKey & Omit<KmsCallerOptions, 'region'>;

/** Of a message that KMS signs as it is. It takes a longer one only hashed, and Ed25519 over a hash is no signature over the message. */
const MAX_MESSAGE_BYTES = 4_096;
const ALGORITHM = 'ED25519_SHA_512';
const DRY_RUN_MESSAGE = Buffer.from('countersign signers check');

/** Calls nothing yet: what does not work is shown by `check`. */
export function createAwsKmsSigner(options: AwsKmsOptions): Signer {
  return awsKmsSignerOf(options, createKmsCaller({ ...options, region: regionOf(options.keyArn) }));
}

export function regionOf(keyArn: string): string {
  return keyArn.split(':')[3] ?? '';
}

/** `kms`: of the key's region; it is closed with the signer. */
export function awsKmsSignerOf({ name, address, keyArn }: AwsKmsKey, kms: KmsCaller): Signer {
  return remoteSigner({
    name,
    backend: 'aws-kms',
    address,
    sign: async (messageBytes, context) => {
      if (messageBytes.length > MAX_MESSAGE_BYTES) return tooLong(messageBytes.length);
      const command = signCommand(keyArn, Uint8Array.from(messageBytes));
      const asked = await kms.ask((client, abort) => client.send(command, abort), context.signal);
      return 'failure' in asked ? signResultOf(asked.failure) : signatureIn(asked.output, keyArn, kms.about);
    },
    check: async (signal) => {
      const described = await kms.ask(
        (client, abort) => client.send(new GetPublicKeyCommand({ KeyId: keyArn }), abort),
        signal,
      );
      if ('failure' in described) return checkOf(described.failure);
      const compared = compare(described.output, address, kms.about);
      if (compared.kind === 'failed') return compared;
      const command = signCommand(keyArn, DRY_RUN_MESSAGE, true);
      const asked = await kms.ask((client, abort) => client.send(command, abort), signal);
      const isForbidden = 'failure' in asked && !(asked.error instanceof DryRunOperationException);
      return isForbidden ? checkOf(asked.failure) : compared;
    },
    close: () => {
      kms.close();
    },
  });
}

function signCommand(keyArn: string, message: Uint8Array, isDryRun = false): SignCommand {
  return new SignCommand({
    KeyId: keyArn,
    Message: message,
    MessageType: 'RAW',
    SigningAlgorithm: ALGORITHM,
    ...(isDryRun ? { DryRun: true } : {}),
  });
}

function tooLong(length: number): SignResult {
  const reason = `AWS KMS signs at most ${MAX_MESSAGE_BYTES} bytes with an Ed25519 key, and the message has ${length}`;
  return { kind: 'refused', reason };
}

function signatureIn(
  { KeyId, SigningAlgorithm, Signature }: SignCommandOutput,
  keyArn: string,
  about: string,
): SignResult {
  const problem =
    Signature?.length !== SIGNATURE_BYTES
      ? 'it answered without an Ed25519 signature'
      : KeyId !== keyArn || SigningAlgorithm !== ALGORITHM
        ? 'it signed with another key or algorithm than it was asked to'
        : null;
  if (problem === null && Signature !== undefined) return { kind: 'signed', signature: Uint8Array.from(Signature) };
  return { kind: 'unavailable', reason: `${about}: ${problem}`, ambiguous: true };
}

function compare(described: GetPublicKeyCommandOutput, address: string, about: string): SignerCheck {
  const found = addressIn(described, about);
  if (found.kind === 'failed') return found;
  if (found.address !== address) {
    return { kind: 'failed', field: 'address', reason: `${about}: the key has the address ${found.address}` };
  }
  return { kind: 'ready', detail: 'ECC_NIST_EDWARDS25519, may sign' };
}
