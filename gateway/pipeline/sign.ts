// Owns the only road to a signer: a permit, a committed intent, the signature of who pays where that is another, and the wallet's over the
// permitted bytes, each verified.
import { assertNever } from '../core/assert-never.ts';
import { encodeBase58 } from '../core/base58.ts';
import { type ErrorName, GatewayError } from '../core/errors.ts';
import { type PermitTerms, permitTerms, type SigningPermit } from '../core/permit/signing-permit.ts';
import { withSignature } from '../core/transaction/wire.ts';
import type { KeyCustody } from '../state/contract/request-store.ts';
import { abortReason, abortText, throwBeforeSigning } from './abort.ts';
import { askFeePayer, type FeePayerSignature } from './ask-fee-payer.ts';
import { askSigner, bytesToSign } from './ask-signer.ts';
import { stepEntry } from './audit-entries.ts';
import { custodyOf } from './custody.ts';
import { hex, sha256 } from './digest.ts';
import { type Intent, type IntentResult, judgementOf, recordIntent } from './intent.ts';
import { type Lost, lostNow, recordLost } from './lost-signature.ts';
import type { PipelineDeps, WalletRoute } from './pipeline-deps.ts';
import { advanceUnlessFrozen, firstLook } from './release.ts';
import { untilFrozen } from './until-frozen.ts';

export interface Signed {
  readonly kind: 'signed';
  readonly walletSignature: string;
  /** The wire transaction with the wallet's signature; `null`: it was a message. */
  readonly signedTransaction: Uint8Array | null;
  /** `null` while the fee payer has not signed, and for a message. */
  readonly transactionSignature: string | null;
  /** As it was recorded with the intent. */
  readonly custody: KeyCustody;
}

export type Signing = Signed | Exclude<IntentResult, { readonly kind: 'recorded' }>;

/** Whose signatures may be asked for. */
type Keys = Pick<WalletRoute, 'signer' | 'feePayer'>;

/**
 * Commits the intent, asks the fee payer that the permit names, then the signer, verifies their answers and commits the signatures. Throws
 * GatewayError when no signature can be given; then none has left the gateway.
 */
export async function sign(
  deps: PipelineDeps,
  keys: Keys,
  permit: SigningPermit,
  intent: Intent,
  signal: AbortSignal,
): Promise<Signing> {
  const terms = permitTerms(permit);
  const { signer } = keys;
  if (deps.readOnly) throw new GatewayError('READ_ONLY', 'the gateway only reads now; nothing was signed');
  checkIntent(terms, signer, intent);
  throwBeforeSigning(signal);
  const custody = custodyOf(keys, terms);
  const recorded = await timed(deps, 'commit_intent', () => recordIntent(deps, intent, custody));
  if (recorded.kind !== 'recorded') return recorded;
  const bounded = untilFrozen(deps.state.controls, intent, signal);
  try {
    return await askForSignatures(deps, keys, permit, intent, custody, bounded.signal);
  } finally {
    bounded.release();
  }
}

/** The intent is recorded. `signal` ends when operators freeze what is to be signed, too. */
async function askForSignatures(
  deps: PipelineDeps,
  keys: Keys,
  permit: SigningPermit,
  intent: Intent,
  custody: KeyCustody,
  signal: AbortSignal,
): Promise<Signing> {
  const terms = permitTerms(permit);
  const { signer } = keys;
  if (signal.aborted) return failAborted(deps, terms, signal, 'before the signer was asked');
  const paidBy = await cosign(deps, keys, permit, signal);
  const wire = paidBy?.wireTransaction ?? judgementOf(intent).transaction;
  const result = await timed(deps, 'sign', () => askSigner(deps, signer, permit, wire, signal));
  switch (result.kind) {
    case 'refused':
      return fail(deps, terms, 'SIGNER_REFUSED', `the signer ${signer.name} refused: ${result.reason}`);
    case 'unavailable':
      if (result.ambiguous && custody.wallet === 'remote') {
        return lose(deps, { ...unsigned(terms, intent, paidBy), ...whyLost(signer, result.reason, signal) });
      }
      if (signal.aborted) return failAborted(deps, terms, signal, 'before the signer answered');
      return fail(deps, terms, 'SIGNER_UNAVAILABLE', `the signer ${signer.name} is unavailable: ${result.reason}`);
    case 'overloaded':
      return fail(deps, terms, 'OVERLOADED', `the signer ${signer.name} has too much to do: ${result.reason}`);
    case 'signed': {
      const madeBy = { name: signer.name, backend: signer.backend, ...result.madeBy };
      return timed(deps, 'commit_signature', () =>
        recordSignature(deps, madeBy, custody, terms, intent, result.signature, paidBy),
      );
    }
    default:
      return assertNever(result);
  }
}

/** A key that was deleted and made anew at a backend shows in its check, and in no answer of its own. */
function whyLost({ name }: WalletRoute['signer'], reason: string, signal: AbortSignal): Pick<Lost, 'code' | 'message'> {
  if (signal.aborted && abortReason(signal) === 'FROZEN') {
    return { code: 'FROZEN', message: abortText(signal, 'before it answered') };
  }
  const why = signal.aborted
    ? 'its caller left before it answered'
    : `${reason}; it may be out of order, or another key may be there now: \`countersign signers check ${name}\` tells`;
  return { code: 'SIGNING_UNKNOWN', message: `the signer ${name} gave no signature: ${why}` };
}

/** Before the wallet's signer: what the fee payer signs cannot land yet. `null`: nobody is to be asked. */
async function cosign(
  deps: PipelineDeps,
  { feePayer }: Keys,
  permit: SigningPermit,
  signal: AbortSignal,
): Promise<FeePayerSignature | null> {
  const terms = permitTerms(permit);
  if (terms.kind !== 'transaction' || terms.feePayer === null) return null;
  if (feePayer === null) return fail(deps, terms, 'FEE_PAYER_UNAVAILABLE', 'the wallet has no fee payer any more');
  const answer = await timed(deps, 'cosign', () => askFeePayer(deps, feePayer, permit, signal));
  switch (answer.kind) {
    case 'signed':
      // It took its time, in which operators may have frozen something: the signal hears of it as the gateway looks.
      await deps.state.controls.recent();
      if (!signal.aborted) return answer;
      return failAborted(deps, terms, signal, 'before the signer was asked');
    case 'refused':
      return fail(deps, terms, 'FEE_PAYER_REFUSED', `the fee payer ${feePayer.name} refused: ${answer.reason}`);
    case 'unavailable':
      if (signal.aborted) return failAborted(deps, terms, signal, 'before the fee payer answered');
      return fail(
        deps,
        terms,
        'FEE_PAYER_UNAVAILABLE',
        `the fee payer ${feePayer.name} is unavailable: ${answer.reason}`,
      );
    default:
      return assertNever(answer);
  }
}

/** The record must be of the very bytes that the permit permits, for this very key. */
function checkIntent(terms: PermitTerms, signer: WalletRoute['signer'], intent: Intent): void {
  const judgement = judgementOf(intent);
  const same =
    intent.request.requestId === terms.requestId &&
    signer.address === terms.wallet &&
    judgement.decision.decisionId === terms.decisionId &&
    (intent.request.ask.method === 'sign_message') === (terms.kind === 'message') &&
    hex(judgement.messageDigest) === hex(sha256(bytesToSign(terms)));
  if (!same)
    throw new GatewayError('INTERNAL', 'the intent to record is not what the permit permits; nothing was signed');
}

async function recordSignature(
  deps: PipelineDeps,
  signer: Pick<WalletRoute['signer'], 'name' | 'backend'>,
  custody: KeyCustody,
  terms: PermitTerms,
  intent: Intent,
  signature: Uint8Array,
  paidBy: FeePayerSignature | null,
): Promise<Signing> {
  const walletSignature = encodeBase58(signature);
  const { signedTransaction, transactionSignature } = signedParts(terms, signature, paidBy);
  const change = {
    requestId: terms.requestId,
    from: 'SIGNING',
    to: 'SIGNED',
    walletSignature,
    ...(signedTransaction === null ? {} : { signedTransaction }),
    ...(transactionSignature === null ? {} : { transactionSignature }),
    dueAt: firstLook(deps, intent),
  } as const;
  const entry = stepEntry('request.signed', deps.now(), terms.requestId, {
    message_sha256: hex(judgementOf(intent).messageDigest),
    signature: walletSignature,
    signer: signer.name,
    signer_backend: signer.backend,
    wallet_address: terms.wallet,
    ...feePayerFacts(paidBy),
  });
  const advanced = await advanceUnlessFrozen(deps, change, entry, intent);
  switch (advanced.kind) {
    case 'advanced':
      return { kind: 'signed', signedTransaction, walletSignature, transactionSignature, custody };
    case 'frozen': {
      const message = `operators froze it while it was signed: ${advanced.freeze.reason}`;
      // The backend has what does not leave the gateway.
      if (custody.wallet === 'remote')
        return lose(deps, { ...unsigned(terms, intent, paidBy), code: 'FROZEN', message });
      return fail(deps, terms, 'FROZEN', message);
    }
    // The request was given up meanwhile: the signature must not leave.
    default:
      return advanced;
  }
}

function signedParts(
  terms: PermitTerms,
  signature: Uint8Array,
  paidBy: FeePayerSignature | null,
): Pick<Signed, 'signedTransaction' | 'transactionSignature'> {
  if (terms.kind === 'message') return { signedTransaction: null, transactionSignature: null };
  const { transaction, signerIndex } = terms;
  const first = signerIndex === 0 ? signature : (paidBy?.signature ?? transaction.signatures[0] ?? null);
  return {
    signedTransaction: withSignature(
      { ...transaction, signatures: transaction.signatures.with(0, first) },
      signerIndex,
      signature,
    ),
    transactionSignature: first ? encodeBase58(first) : null,
  };
}

/** What the audit chain says of who pays. */
function feePayerFacts(paidBy: FeePayerSignature | null): { readonly [fact: string]: string } {
  if (paidBy === null) return {};
  const { feePayer, address, signature } = paidBy;
  return {
    fee_payer: feePayer.name,
    fee_payer_backend: feePayer.backend,
    fee_payer_address: address,
    fee_payer_signature: encodeBase58(signature),
  };
}

/** Records that there is no signature, then throws why. */
async function fail(deps: PipelineDeps, terms: PermitTerms, reason: ErrorName, message: string): Promise<never> {
  await deps.state.requests.advance(
    { requestId: terms.requestId, from: 'SIGNING', to: 'SIGNING_FAILED', error: `${reason}: ${message}`, dueAt: null },
    stepEntry('request.signing_failed', deps.now(), terms.requestId, { code: reason, message }),
  );
  throw new GatewayError(reason, `${message}; nothing was signed`, { metadata: { request_id: terms.requestId } });
}

/** As `fail`; `when`: completes "the caller left …". */
function failAborted(deps: PipelineDeps, terms: PermitTerms, signal: AbortSignal, when: string): Promise<never> {
  return fail(deps, terms, abortReason(signal), abortText(signal, when));
}

/** Records that a signature may exist which nobody was given, then throws why. */
async function lose(deps: PipelineDeps, lost: Lost): Promise<never> {
  await recordLost(deps, lost);
  throw lostNow(lost);
}

/** What is known of a transaction or message to which the wallet's signature was not given. */
function unsigned(
  terms: PermitTerms,
  { request }: Intent,
  paidBy: FeePayerSignature | null,
): Pick<Lost, 'requestId' | 'method' | 'transactionSignature'> {
  const first = terms.kind === 'message' ? null : (paidBy?.signature ?? terms.transaction.signatures[0] ?? null);
  const { requestId } = terms;
  return { requestId, method: request.ask.method, transactionSignature: first === null ? null : encodeBase58(first) };
}

async function timed<T>(
  deps: PipelineDeps,
  stage: 'commit_intent' | 'cosign' | 'sign' | 'commit_signature',
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const result = await work();
  deps.observer.stage(stage, (performance.now() - started) / 1000);
  return result;
}
