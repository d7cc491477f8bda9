// Owns the confirm stage: what the chain says of a submitted transaction becomes its state, until that is final.
import type { Commitment, SignatureStatus } from '../../relayer/chain-reader.ts';
import { nextState, type RequestEvent } from '../core/request/request-state.ts';
import type { RequestRecord } from '../state/state.ts';
import { kindOfState, stepEntry } from './audit-entries.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { send } from './relay.ts';

const LOOK_MS = 400;
const LOOK_AT_OLDER_MS = 2_000;
/** A durable nonce may keep a transaction open for ever; it must not cost as much as one that lands any moment. */
const LOOK_AT_OLD_MS = 30_000;
const OLDER_MS = 10_000;
/** Far beyond the life of a blockhash. */
const OLD_MS = 600_000;

/** What the stage looks at the chain with; one for all requests that are looked at together. */
export interface Sight {
  /** Base58 transaction signature to status; `null` instead of the map: the chain could not be asked. */
  statuses(): Promise<ReadonlyMap<string, SignatureStatus | null> | null>;
  /** May be as old as the sight: a lower height proves less, never more. */
  blockHeight(commitment: Commitment): Promise<bigint>;
  /** Whether the bytes of this request should be sent again now; says yes once an interval. */
  resendIsDue(requestId: string): boolean;
  readonly signal: AbortSignal;
}

/** Looks once. Resolves when the state, or the time of the next look, is recorded. */
export async function confirm(deps: PipelineDeps, request: RequestRecord, sight: Sight): Promise<void> {
  const statuses = await sight.statuses();
  if (statuses === null || request.transactionSignature === null) return note(deps, request, {}, LOOK_AT_OLDER_MS);
  const status = statuses.get(request.transactionSignature) ?? null;
  if (status !== null) return landed(deps, request, status);
  if (request.state === 'CONFIRMED') return move(deps, request, 'lost_sight', { slot: null }, LOOK_MS);
  return missing(deps, request, sight);
}

async function landed(deps: PipelineDeps, request: RequestRecord, status: SignatureStatus): Promise<void> {
  const { slot, error, commitment } = status;
  if (commitment === 'processed') return note(deps, request, { slot }, LOOK_MS);
  if (error !== null) return move(deps, request, 'landed_with_error', { slot, error }, null);
  if (commitment === 'finalized') return move(deps, request, 'landed_finalized', { slot }, null);
  return move(deps, request, 'landed_confirmed', { slot }, LOOK_AT_OLDER_MS);
}

/** The cluster does not know it: dead for certain, perhaps dead, or not there yet. */
async function missing(deps: PipelineDeps, request: RequestRecord, sight: Sight): Promise<void> {
  if (await isPast(request, 'confirmed', sight)) {
    if (await isPast(request, 'finalized', sight)) return buryIfAbsent(deps, request, sight.signal);
    return move(deps, request, 'lost_sight', { slot: null }, LOOK_AT_OLDER_MS);
  }
  const relayer = deps.routes.get(request.ask.walletId)?.relayer;
  const { signedTransaction } = request;
  // A recorded error means that preflight refused it, and the caller was told that it was not sent.
  if (relayer !== undefined && signedTransaction !== null && request.error === null) {
    if (sight.resendIsDue(request.requestId)) {
      await send(deps, relayer, { ...request, signedTransaction }, sight.signal);
    }
  }
  // A slot in which it was seen, and is not any more, was on a fork that died.
  return note(deps, request, { slot: null }, pauseFor(deps.now() - request.createdAt));
}

async function isPast({ judgement }: RequestRecord, commitment: Commitment, sight: Sight): Promise<boolean> {
  const { lastValidBlockHeight } = judgement;
  return lastValidBlockHeight !== null && (await sight.blockHeight(commitment)) > lastValidBlockHeight;
}

function pauseFor(ageMs: number): number {
  if (ageMs < OLDER_MS) return LOOK_MS;
  return ageMs < OLD_MS ? LOOK_AT_OLDER_MS : LOOK_AT_OLD_MS;
}

/** Looked up once more after the height was read: what is absent now, above that height, can never land. */
async function buryIfAbsent(deps: PipelineDeps, request: RequestRecord, signal: AbortSignal): Promise<void> {
  const { transactionSignature } = request;
  if (transactionSignature === null) return;
  const [status] = await deps.chain.getSignatureStatuses([transactionSignature], signal);
  if (status === undefined) throw new Error('the chain reader left out the status that it was asked for');
  if (status !== null) return landed(deps, request, status);
  return move(deps, request, 'provably_dead', { slot: null }, null);
}

interface Seen {
  readonly slot?: bigint | null;
  readonly error?: string;
}

async function move(
  deps: PipelineDeps,
  request: RequestRecord,
  event: RequestEvent,
  seen: Seen,
  lookAgainMs: number | null,
): Promise<void> {
  const to = nextState(request.state, event);
  if (to === request.state) return note(deps, request, seen, lookAgainMs ?? LOOK_AT_OLDER_MS);
  const { requestId } = request;
  const facts = { signature: request.transactionSignature, ...seen };
  const dueAt = lookAgainMs === null ? null : deps.now() + lookAgainMs;
  const change = { requestId, from: request.state, to, ...seen, dueAt };
  await deps.state.requests.advance(change, stepEntry(kindOfState(to), deps.now(), requestId, facts));
}

/** Nothing worth a record: only when to look again, and the slot it was seen in. */
async function note(deps: PipelineDeps, request: RequestRecord, seen: Seen, lookAgainMs: number): Promise<void> {
  const { requestId, state } = request;
  await deps.state.requests.advance(
    { requestId, from: state, to: state, ...seen, dueAt: deps.now() + lookAgainMs },
    null,
  );
}
