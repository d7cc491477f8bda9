// Owns the relay stage: signed bytes go to a relayer, and what it said is recorded.
import type { Relayer, SubmitResult } from '../../relayer/relayer.ts';
import { assertNever } from '../core/assert-never.ts';
import { nextState, type RequestState } from '../core/request/request-state.ts';
import type { RequestAsk, RequestRecord } from '../state/contract/request-store.ts';
import { stepEntry } from './audit-entries.ts';
import { feePayerName } from './fee-payer-name.ts';
import { type HeldBack, heldBack, type RecordedJudgement } from './held-back.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { hearLanding } from './tracking/hear-landing.ts';
import type { Sight } from './tracking/sight.ts';

/** How soon the tracker looks after a submission. */
const FIRST_LOOK_MS = 300;

/** What may be sent, and by what it is known whether it still may. */
export interface SignedBytes extends RecordedJudgement {
  readonly signedTransaction: Uint8Array;
}

export interface SignedRequest extends SignedBytes {
  readonly requestId: string;
  readonly ask: Pick<RequestAsk, 'setFreshBlockhash' | 'agentId' | 'walletId'>;
  readonly state: RequestState;
}

/**
 * First submission of a signed transaction. Whatever the relayer says, the outcome is decided by the chain, not by it. What is frozen is
 * not sent now, and not later: its caller is told so.
 */
export async function submit(
  deps: PipelineDeps,
  relayer: Relayer,
  request: SignedRequest,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  hearLanding(deps, request);
  const result = await send(deps, relayer, request, signal);
  if (result.kind === 'held') return recordHeld(deps, request, result);
  deps.observer.stage('submit', (performance.now() - started) / 1000);
  const rejection = rejectionOf(deps, result, request);
  await deps.state.requests.advance(
    {
      requestId: request.requestId,
      from: request.state,
      to: nextState(request.state, 'submitted'),
      ...(rejection === null ? {} : { error: rejection }),
      dueAt: deps.now() + FIRST_LOOK_MS,
    },
    stepEntry('request.submitted', deps.now(), request.requestId, {
      relayer: relayer.name,
      relayer_backend: relayer.backend,
      result: result.kind,
      ...(result.kind === 'accepted' ? {} : { reason: result.reason }),
    }),
  );
}

/** A gateway that only reads leaves it to be sent by one that does not, or later. */
async function recordHeld(deps: PipelineDeps, request: SignedRequest, { cause, reason }: HeldBack): Promise<void> {
  if (cause === 'read_only') return;
  const { requestId, state } = request;
  const error = `signed, not sent, and will not be: ${reason}`;
  await deps.state.requests.advance(
    { requestId, from: state, to: state, error, dueAt: deps.now() + FIRST_LOOK_MS },
    stepEntry('request.held', deps.now(), requestId, { reason }),
  );
}

/** Sends bytes that nothing holds back, and counts the call; used again by the tracker, with the same bytes. */
export async function send(
  deps: PipelineDeps,
  relayer: Relayer,
  request: SignedBytes,
  signal: AbortSignal,
): Promise<SubmitResult | HeldBack> {
  const held = await heldBack(deps, request);
  if (held !== null) return held;
  const { signedTransaction } = request;
  const started = performance.now();
  const result = await answerOf(relayer.submit(signedTransaction, signal));
  deps.observer.relayerCall(relayer.backend, result.kind, (performance.now() - started) / 1000);
  return result;
}

/** The same bytes, and only those that the gateway was asked to send. */
export async function resend(
  deps: PipelineDeps,
  request: RequestRecord,
  sight: Pick<Sight, 'resendIsDue' | 'signal'>,
): Promise<void> {
  const { ask, requestId, signedTransaction, error } = request;
  const relayer = deps.routes.get(ask.walletId)?.relayer;
  if (ask.method !== 'sign_and_send' || relayer === undefined || signedTransaction === null) return;
  // A recorded error was told to the caller, as that of something that failed: it must not land later by the gateway's doing.
  if (error !== null || !sight.resendIsDue(requestId)) return;
  await send(deps, relayer, { ...request, signedTransaction }, sight.signal);
}

async function answerOf(call: Promise<SubmitResult>): Promise<SubmitResult> {
  try {
    return await call;
  } catch {
    return { kind: 'unknown', reason: 'the relayer failed without an answer' };
  }
}

/**
 * What the record says of a refusal in preflight; `null`: nothing, the bytes are sent again. A refused transaction stays open until its
 * blockhash is dead, because only then it can never land.
 */
function rejectionOf(
  { routes }: Pick<PipelineDeps, 'routes'>,
  result: SubmitResult,
  { ask, signedTransaction }: SignedRequest,
): string | null {
  switch (result.kind) {
    case 'accepted':
    case 'unknown':
      return null;
    case 'rejected': {
      if (result.code === 'ALREADY_PROCESSED') return null;
      // The gateway took this blockhash from the chain: a node that does not know it is behind.
      if (result.code === 'BLOCKHASH_NOT_FOUND' && ask.setFreshBlockhash) return null;
      const refused = 'not broadcast, and will not be sent: refused in preflight';
      if (result.code !== 'FEE_PAYER_LACKS_SOL') return `${refused}: ${result.reason}`;
      const payer = feePayerName(signedTransaction, routes.get(ask.walletId) ?? null);
      return `${refused}: ${payer} pays the fee and lacks SOL; send some to it, then make a new request (${result.reason})`;
    }
    default:
      return assertNever(result);
  }
}
