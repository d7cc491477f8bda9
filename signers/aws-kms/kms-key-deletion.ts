// Owns the end of keys in AWS KMS: they are scheduled for deletion, and can be brought back until then.
import {
  DescribeKeyCommand,
  KMSInvalidStateException,
  NotFoundException,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { DestroyResult, KeyReference } from '../key-creator.ts';
import { regionOf } from './aws-kms-signer.ts';
import type { KmsCaller } from './kms-caller.ts';

/** The least that KMS takes. */
const LEAST_DAYS = 7;
const KEY_ARN = /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

export interface DeletionTerms {
  readonly region: string;
  readonly pendingWindowDays: number;
}

export async function deleteKey(
  kms: KmsCaller,
  { key_arn: keyArn }: KeyReference,
  { region, pendingWindowDays }: DeletionTerms,
  signal: AbortSignal,
): Promise<DestroyResult> {
  if (typeof keyArn !== 'string' || !KEY_ARN.test(keyArn)) {
    return { kind: 'refused', reason: 'the record names no key of AWS KMS' };
  }
  // A region does not know the keys of another: that they are not there would say nothing.
  if (regionOf(keyArn) !== region) {
    return { kind: 'refused', reason: `the key ${keyArn} is in another region than the creator's, which is ${region}` };
  }
  const command = new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: pendingWindowDays });
  const asked = await kms.ask((client, abort) => client.send(command, abort), signal);
  if (!('failure' in asked)) return deletedOn(kms, keyArn, asked.output.DeletionDate);
  const { failure, error } = asked;
  if (error instanceof NotFoundException)
    return { kind: 'destroyed', detail: `${kms.about} has no ${keyArn} any more` };
  if (error instanceof KMSInvalidStateException) return deletedAlready(kms, keyArn, failure.reason, signal);
  return { kind: failure.kind, reason: failure.reason };
}

/** KMS does not take the key for one that can be deleted: it may be on its way out already. */
async function deletedAlready(
  kms: KmsCaller,
  keyArn: string,
  reason: string,
  signal: AbortSignal,
): Promise<DestroyResult> {
  const command = new DescribeKeyCommand({ KeyId: keyArn });
  const asked = await kms.ask((client, abort) => client.send(command, abort), signal);
  if ('failure' in asked) return { kind: 'unavailable', reason: asked.failure.reason };
  const { KeyState, DeletionDate } = asked.output.KeyMetadata ?? {};
  return KeyState === 'PendingDeletion' ? deletedOn(kms, keyArn, DeletionDate) : { kind: 'refused', reason };
}

function deletedOn(kms: KmsCaller, keyArn: string, date: Date | undefined): DestroyResult {
  const at = date === undefined || Number.isNaN(date.getTime()) ? 'a date that it does not tell' : date.toISOString();
  return {
    kind: 'destroyed',
    detail: `${kms.about} deletes ${keyArn} on ${at}; until then CancelKeyDeletion brings it back`,
  };
}

/** Of a key that nothing uses; `false`: it stays. */
export async function discardKey(kms: KmsCaller, keyArn: string, signal: AbortSignal): Promise<boolean> {
  const command = new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: LEAST_DAYS });
  return !('failure' in (await kms.ask((client, abort) => client.send(command, abort), signal)));
}
