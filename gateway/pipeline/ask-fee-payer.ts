// Owns one call of a fee payer: bounded in time, over the permitted bytes only, and its signature verified before it is believed.
import type { Cosigning, FeePayer } from '../../relayer/fee-payer.ts';
import { verifySignature } from '../../signers/verify.ts';
import { GatewayError } from '../core/errors.ts';
import { permitTerms, type SigningPermit } from '../core/permit/signing-permit.ts';
import { wireOf, withSignature } from '../core/transaction/wire.ts';
import { boundedSignal } from './bounded-signal.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

type AskDeps = Pick<PipelineDeps, 'now' | 'observer' | 'signerTimeoutMs'>;

/** What a fee payer gave: nothing can land by it alone. */
export interface FeePayerSignature {
  readonly feePayer: FeePayer;
  /** Base58 of who pays. */
  readonly address: string;
  /** 64 bytes, verified. */
  readonly signature: Uint8Array;
  /** The wire transaction that holds it in slot 0, and no signature of the wallet's. */
  readonly wireTransaction: Uint8Array;
}

export type FeePayerAnswer = ({ readonly kind: 'signed' } & FeePayerSignature) | Exclude<Cosigning, { kind: 'signed' }>;

/**
 * Never throws for what it answers: one that throws, is late, or answers a signature that does not verify is `unavailable`. Throws INTERNAL
 * where the permit names no fee payer.
 */
export async function askFeePayer(
  deps: AskDeps,
  feePayer: FeePayer,
  permit: SigningPermit,
  signal: AbortSignal,
): Promise<FeePayerAnswer> {
  const terms = permitTerms(permit);
  if (terms.kind !== 'transaction' || terms.feePayer === null) {
    throw new GatewayError('INTERNAL', 'the permit names no fee payer that may be asked; nothing was signed');
  }
  const started = performance.now();
  const { transaction, feePayer: address, signerIndex, requestId, requester } = terms;
  const { messageBytes } = transaction;
  // The wallet's slot is empty, whatever the agent put there.
  const empty = { ...transaction, signatures: transaction.signatures.with(signerIndex, null) };
  const bounded = boundedSignal(signal, deps.signerTimeoutMs);
  const context = {
    deadline: deps.now() + deps.signerTimeoutMs,
    idempotencyKey: requestId,
    signal: bounded.signal,
    caller: requester,
  };
  // Copies: whatever a backend does to its arguments, the permitted bytes stay what they are.
  const answer = await answerOf(
    async () => feePayer.cosign(messageBytes.slice(), wireOf(empty), context),
    bounded.signal,
  );
  bounded.release();
  const checked = await checkAnswer(answer, address, messageBytes);
  deps.observer.feePayerCall(feePayer.backend, checked.kind, (performance.now() - started) / 1000);
  if (checked.kind !== 'signed') return checked;
  const { signature } = checked;
  return { kind: 'signed', feePayer, address, signature, wireTransaction: withSignature(empty, 0, signature) };
}

async function checkAnswer(answer: Cosigning, address: string, messageBytes: Uint8Array): Promise<Cosigning> {
  if (answer.kind !== 'signed') return answer;
  // A copy: what is verified is what goes on, whatever a backend does to its answer.
  const signature = answer.signature.slice();
  if (await verifySignature({ address, messageBytes, signature })) return { ...answer, signature };
  return { kind: 'unavailable', reason: 'its signature does not verify over the judged bytes' };
}

/** What comes after the signal is dropped: a late signature goes nowhere. */
async function answerOf(call: () => Promise<Cosigning>, signal: AbortSignal): Promise<Cosigning> {
  const { promise: tooLate, resolve } = Promise.withResolvers<Cosigning>();
  const giveUp = (): void => resolve({ kind: 'unavailable', reason: 'it did not answer in time' });
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([call(), tooLate]);
  } catch {
    // A backend's exception may carry anything, secrets too: its text goes nowhere.
    return { kind: 'unavailable', reason: 'it failed without an answer' };
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
