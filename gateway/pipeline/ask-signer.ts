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
    caller: terms.requester,
  };
  const context: SignContext =
    terms.kind === 'message'
      ? { ...bounds, kind: 'message' }
      : { ...bounds, kind: 'transaction', wireTransaction: wireTransaction.slice() };
  const result = await answerOf(async () => signer.sign(messageBytes, context), bounded.signal);
  bounded.release();
  const checked = await checkAnswer(result, terms);
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

/** How long a signer whose call was aborted has for its own word of what became of it; a backend behind the guard needs at most 250 ms. */
const LAST_WORD_MS = 400;
const TOO_LATE: SignResult = { kind: 'unavailable', reason: 'it did not answer in time', ambiguous: true };

/** A signature that comes after the signal goes nowhere; the word that there is none counts, for a short while. */
async function answerOf(call: () => Promise<SignResult>, signal: AbortSignal): Promise<SignResult> {
  const { promise: tooLate, resolve } = Promise.withResolvers<SignResult>();
  let lastWord: NodeJS.Timeout | undefined;
  const awaitLastWord = (): void => {
    lastWord = setTimeout(resolve, LAST_WORD_MS, TOO_LATE);
  };
  if (signal.aborted) awaitLastWord();
  else signal.addEventListener('abort', awaitLastWord, { once: true });
  try {
    const answer = await Promise.race([call(), tooLate]);
    return signal.aborted ? afterAbort(answer) : answer;
  } catch {
    // A backend's exception may carry anything, secrets too: its text goes nowhere.
    return { kind: 'unavailable', reason: 'it failed without an answer', ambiguous: true };
  } finally {
    clearTimeout(lastWord);
    signal.removeEventListener('abort', awaitLastWord);
  }
}

function afterAbort(answer: SignResult): SignResult {
  return answer.kind === 'signed' || (answer.kind === 'unavailable' && answer.ambiguous) ? TOO_LATE : answer;
}

async function checkAnswer(result: SignResult, terms: PermitTerms): Promise<SignResult> {
  if (result.kind !== 'signed') return result;
  // A copy: what is verified is what goes on, whatever a backend does to its answer.
  const signature = result.signature.slice();
  const messageBytes = bytesToSign(terms);
  if (await verifySignature({ address: terms.wallet, messageBytes, signature })) return { ...result, signature };
  return { kind: 'unavailable', reason: 'its signature does not verify over the judged bytes', ambiguous: true };
}
