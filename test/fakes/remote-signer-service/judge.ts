// Owns what the strict fake of SignerService finds wrong with a request.
import { createHash } from 'node:crypto';
import type { SignRequest } from '../../../proto/gen/countersign/signer/v1/signer_pb.ts';
import { SIGNATURE_BYTES } from '../../../signers/ed25519-key.ts';

/** Says what is wrong with a request; `null`: nothing. */
export type Judge = (request: SignRequest) => string | null;

/** Remembers what each idempotency key was for. */
export function createJudge(key: string): Judge {
  const askedUnder = new Map<string, string>();
  return (request) => {
    if (request.$unknown !== undefined) return 'the request has fields that nobody knows';
    if (request.key !== key) return `there is no key ${request.key}`;
    if (request.message.length === 0) return 'there is no message';
    if (request.idempotencyKey === '') return 'there is no idempotency key';
    const digest = createHash('sha256').update(request.message).digest('hex');
    const before = askedUnder.get(request.idempotencyKey) ?? digest;
    askedUnder.set(request.idempotencyKey, before);
    if (before !== digest) return 'the idempotency key was used for another message';
    return wrongSubject(request);
  };
}

function wrongSubject({ message, subject }: SignRequest): string | null {
  switch (subject.case) {
    case 'wireTransaction': {
      const count = subject.value[0] ?? 0;
      const start = 1 + count * SIGNATURE_BYTES;
      if (Buffer.compare(subject.value.subarray(start), message) !== 0) return 'the message is not of the transaction';
      return subject.value.subarray(1, start).every((byte) => byte === 0) ? null : 'a slot is not empty';
    }
    case 'offchainMessage':
      return null;
    case undefined:
      return 'neither a transaction nor a message is given';
  }
}
