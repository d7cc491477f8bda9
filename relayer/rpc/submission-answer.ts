// Owns what one node's answer to sendTransaction means, and what the answers of several nodes mean together.
import type { Endpoint } from '../../net/endpoint.ts';
import { isRecord } from '../json-exact.ts';
import type { SubmitResult } from '../relayer.ts';
import { readRuntimeError, UnexpectedAnswer } from './answer-shape.ts';
import type { RpcAnswer } from './json-rpc-client.ts';

/** Error codes of the cluster's RPC (rpc-client-api, custom_error.rs). */
const PREFLIGHT_FAILURE = -32002;
/** Answered before anything is broadcast: bytes that do not parse, wrong signatures. */
const MALFORMED_CODES: ReadonlySet<number> = new Set([-32602, -32003, -32013]);

export type NodeAnswer =
  | SubmitResult
  /** It certainly got nothing, or did nothing with it. */
  | { readonly kind: 'not_sent'; readonly reason: string };

/** `signature`: base58, the first one of the transaction; `null`: it has none. */
export function readSubmission({ host, clean }: Endpoint, answer: RpcAnswer, signature: string | null): NodeAnswer {
  const about = `RPC ${host}`;
  switch (answer.kind) {
    case 'lost':
      return { kind: answer.mayHaveArrived ? 'unknown' : 'not_sent', reason: `${about}: ${answer.reason}` };
    case 'result':
      if (answer.result === signature) return { kind: 'accepted' };
      return { kind: 'unknown', reason: `${about}: the node answered another signature than the transaction's own` };
    case 'error':
      return readError(about, clean, answer);
  }
}

function readError(
  about: string,
  clean: Endpoint['clean'],
  error: Extract<RpcAnswer, { readonly kind: 'error' }>,
): SubmitResult {
  const reason = `${about}: error ${error.code}: ${clean(error.message)}`;
  if (MALFORMED_CODES.has(error.code)) return { kind: 'rejected', code: 'OTHER', reason };
  const cause = isRecord(error.data) ? error.data.err : undefined;
  if (error.code !== PREFLIGHT_FAILURE || cause === undefined || cause === null) return { kind: 'unknown', reason };
  if (cause === 'BlockhashNotFound') return { kind: 'rejected', code: 'BLOCKHASH_NOT_FOUND', reason };
  if (cause === 'AlreadyProcessed') return { kind: 'rejected', code: 'ALREADY_PROCESSED', reason };
  const text = textOf(cause);
  if (text === null) return { kind: 'unknown', reason: `${about}: the error of its preflight is none of the runtime` };
  const code = isLackOfSol(cause) ? 'FEE_PAYER_LACKS_SOL' : 'OTHER';
  return { kind: 'rejected', code, reason: `${about}: preflight: ${clean(text)}` };
}

function textOf(cause: unknown): string | null {
  try {
    return readRuntimeError(cause, 'error.data.err');
  } catch (error) {
    if (error instanceof UnexpectedAnswer) return null;
    throw error;
  }
}

/** What the runtime says of the fee payer, which is account 0 (solana-svm, account_loader.rs and rent_calculator.rs). */
function isLackOfSol(cause: unknown): boolean {
  if (cause === 'AccountNotFound' || cause === 'InsufficientFundsForFee') return true;
  const rent = isRecord(cause) ? cause.InsufficientFundsForRent : undefined;
  return isRecord(rent) && Number(rent.account_index) === 0;
}

/**
 * Accepted when one accepted. Rejected only when all that got the bytes rejected them for the same: a node that is behind does not know a
 * new blockhash, and one whose answer is lost may have sent them on. Else unknown.
 */
export function jointResult(answers: readonly NodeAnswer[]): SubmitResult {
  const accepted = answers.find(({ kind }) => kind === 'accepted');
  if (accepted?.kind === 'accepted') return accepted;
  const reason = reasonsOf(answers);
  const reached = answers.filter(({ kind }) => kind !== 'not_sent');
  const rejections = reached.flatMap((answer) => (answer.kind === 'rejected' ? [answer] : []));
  const [first] = rejections;
  const isUnanimous = first !== undefined && reached.length === rejections.length;
  if (isUnanimous && rejections.every(({ code }) => code === first.code)) {
    return { kind: 'rejected', code: first.code, reason };
  }
  // Nodes at different slots may see it fail for different reasons.
  const fails = rejections.every(({ code }) => code === 'OTHER' || code === 'FEE_PAYER_LACKS_SOL');
  if (isUnanimous && fails) return { kind: 'rejected', code: 'OTHER', reason };
  return { kind: 'unknown', reason };
}

function reasonsOf(answers: readonly NodeAnswer[]): string {
  const reasons = answers.flatMap((answer) => (answer.kind === 'accepted' ? [] : [answer.reason]));
  return reasons.length === 0 ? 'there is no RPC node that may be asked now' : [...new Set(reasons)].join('; ');
}
