// Owns what the tests of one remote signer share: a subject, calls of it with sensible bounds, and an ear for secrets.
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { SignContext, Signer, SignResult } from '../../../signers/signer.ts';
import { verifySignature } from '../../../signers/verify.ts';
import type { SignerMisbehaviour } from '../../fakes/misbehaviour.ts';
import { type AskedBytes, askedBytes } from '../asked-bytes.ts';
import type { RemoteSignerUnderTest } from '../remote-signer.ts';
import type { Overheard } from './overheard.ts';

export type Bounds = Pick<SignContext, 'deadline' | 'idempotencyKey' | 'signal'>;

export interface RemoteScene {
  readonly subject: RemoteSignerUnderTest;
  readonly overheard: Overheard;
  /** Bytes that this signer takes as a transaction's message. */
  readonly newBytes: () => AskedBytes;
  readonly sign: (asked?: AskedBytes, bounds?: Partial<Bounds>, signer?: Signer) => Promise<SignResult>;
  /** Fails unless it is a signature by the key over the bytes. */
  readonly expectSigned: (result: SignResult, asked: AskedBytes) => Promise<void>;
}

const FAR_AHEAD_MS = 60_000;

export function remoteSceneOf(subject: RemoteSignerUnderTest, overheard: Overheard): RemoteScene {
  const newBytes = () => askedBytes(subject, 100);
  return {
    subject,
    overheard,
    newBytes,
    sign: ({ messageBytes, wireTransaction } = newBytes(), bounds = {}, signer = subject.signer) =>
      overheard.hear(
        signer.sign(messageBytes, {
          kind: 'transaction',
          wireTransaction,
          deadline: Date.now() + FAR_AHEAD_MS,
          idempotencyKey: randomBytes(16).toString('hex'),
          signal: new AbortController().signal,
          ...bounds,
        }),
      ),
    expectSigned: async (result, { messageBytes }) => {
      expect(result.kind === 'signed' ? 'signed' : `${result.kind}: ${result.reason}`).toBe('signed');
      if (result.kind !== 'signed') return;
      expect(await verifySignature({ address: subject.address, messageBytes, signature: result.signature })).toBe(true);
    },
  };
}

/** Of a service that can show it; the first of `ways` that this one can. */
export function showable(
  { cannot }: RemoteSignerUnderTest,
  ...ways: readonly SignerMisbehaviour[]
): SignerMisbehaviour {
  const way = ways.find((each) => cannot[each] === undefined);
  if (way === undefined) throw new Error(`the service can show none of ${ways.join(', ')}`);
  return way;
}

/** For people and the audit chain: something, not much, and no control characters. */
export function expectReadable(reason: string): void {
  expect(reason.length).toBeGreaterThan(0);
  expect(reason.length).toBeLessThanOrEqual(600);
  expect(reason).not.toMatch(/[\p{Cc}\p{Cs}]/u);
}
