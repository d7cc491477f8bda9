// Owns one call of a signer: bounded in time, over the permitted bytes only, and its signature verified before it is believed.
import type { SignContext, Signer, SignResult } from '../../signers/signer.ts';
import { verifySignature } from '../../signers/verify.ts';
import { assertNever } from '../core/assert-never.ts';
import { type PermitTerms, permitTerms, type SigningPermit } from '../core/permit/signing-permit.ts';
import { boundedSignal } from './bounded-signal.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

type AskDeps = Pick<PipelineDeps, 'now' | 'observer' | 'signerTimeoutMs'>;

/**
 * `wireTransaction`: around the permitted message bytes, with what others have signed already; what a message has no use for. Never throws:
 * a backend that does, is late, or answers a signature that does not verify is `unavailable`.
 */
export async function askSigner(
  deps: AskDeps,
  signer: Signer,
  permit: SigningPermit,
  wireTransaction: Uint8Array,
  signal: AbortSignal,
): Promise<SignResult> {
  const terms = permitTerms(permit);
  const started = performance.now();
  const bounded = boundedSignal(signal, deps.signerTimeoutMs);
  // Copies: whatever a backend does to its arguments, the permitted bytes stay what they are.
  const messageBytes = bytesToSign(terms).slice();
  const bounds = {
    deadline: deps.now() + deps.signerTimeoutMs,
    idempotencyKey: terms.requestId,
    signal: bounded.signal,
  };
  const context: SignContext =
    terms.kind === 'message'
      ? { ...bounds, kind: 'message' }
      : { ...bounds, kind: 'transaction', wireTransaction: wireTransaction.slice() };
  const result = await answerOf(async () => signer.sign(messageBytes, context), bounded.signal);
  bounded.release();
  const checked = checkAnswer(result, terms);
  const { backend } = checked.kind === 'signed' ? (checked.madeBy ?? signer) : signer;
  deps.observer.signerCall(backend, checked.kind, (performance.now() - started) / 1000);
  return checked;
}

export function bytesToSign(terms: PermitTerms): Uint8Array {
  switch (terms.kind) {
    case 'transaction':
      return terms.transaction.messageBytes;
    case 'message':
      return terms.messageBytes;
    default:
      return assertNever(terms);
  }
}

/** What comes after the signal is dropped: a late signature goes nowhere. */
async function answerOf(call: () => Promise<SignResult>, signal: AbortSignal): Promise<SignResult> {
  const { promise: tooLate, resolve } = Promise.withResolvers<SignResult>();
  const giveUp = (): void => resolve({ kind: 'unavailable', reason: 'it did not answer in time', ambiguous: true });
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([call(), tooLate]);
  } catch {
    // A backend's exception may carry anything, secrets too: its text goes nowhere.
    return { kind: 'unavailable', reason: 'it failed without an answer', ambiguous: true };
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function checkAnswer(result: SignResult, terms: PermitTerms): SignResult {
  if (result.kind !== 'signed') return result;
  const { signature } = result;
  const messageBytes = bytesToSign(terms);
  if (verifySignature({ address: terms.wallet, messageBytes, signature })) return result;
  return { kind: 'unavailable', reason: 'its signature does not verify over the judged bytes', ambiguous: true };
}
