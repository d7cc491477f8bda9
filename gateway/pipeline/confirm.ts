// Owns the confirm stage: what the chain says of a signed transaction becomes its state, until that is final.
import type { SignatureStatus } from '../../relayer/chain-reader.ts';
import { assertNever } from '../core/assert-never.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import { isDisputed, leaveOpen } from './dispute.ts';
import { countAsUsed, type Learned, move, note } from './look-record.ts';
import { isLost } from './lost-signature.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { resend } from './relay.ts';
import { isLongAgo, isPast, mayBeOver } from './tracking/fate.ts';
import type { Sight } from './tracking/sight.ts';

const LOOK_MS = 400;
const LOOK_AT_OLDER_MS = 2_000;
/** What a wallet's history is searched for waits outside the round. */
const LOOK_AT_SEARCHED_MS = 5_000;
/** A durable nonce may keep a transaction open for ever; it must not cost as much as one that lands any moment. */
const LOOK_AT_OLD_MS = 30_000;
const OLDER_MS = 10_000;
/** Far beyond the life of a blockhash. */
const OLD_MS = 600_000;

/** Looks once. Resolves when the state, or the time of the next look, is recorded. */
export async function confirm(deps: PipelineDeps, request: RequestRecord, sight: Sight): Promise<void> {
  const { transactionSignature: signature } = request;
  const seen = await sight.statuses();
  if (seen === null) return note(deps, request, {}, LOOK_AT_OLDER_MS);
  const status = signature === null ? null : (seen.of.get(signature) ?? null);
  if (status !== null) return landed(deps, request, status, sight);
  if (request.state === 'CONFIRMED') {
    if (isBehind(seen.slot, request.slot)) return note(deps, request, {}, LOOK_MS);
    return move(deps, request, 'lost_sight', { slot: null }, LOOK_MS);
  }
  return missing(deps, request, sight);
}

/** About a minute. A slot that is further ahead was never true. */
const MOST_BEHIND_SLOTS = 150n;

/** Whether a node that has come to the slot `reached` has merely not come to the one in which it was seen. */
function isBehind(reached: bigint, seenIn: bigint | null): boolean {
  return seenIn !== null && reached < seenIn && seenIn - reached <= MOST_BEHIND_SLOTS;
}

async function landed(
  deps: PipelineDeps,
  request: RequestRecord,
  status: SignatureStatus,
  sight: Sight,
  found: string | null = null,
): Promise<void> {
  const isFinal = status.commitment === 'finalized';
  if (!isFinal && !isLongAgo(request, deps.now())) return landedForNow(deps, request, status);
  const signature = found ?? request.transactionSignature;
  if (signature === null) throw new Error('a transaction was found without its signature');
  const finality = await sight.finality(signature, status);
  if (finality.kind === 'certain') return landedForGood(deps, request, signature, finality.status, sight);
  const { showings } = finality;
  if (isFinal || isDisputed(showings)) return leaveOpen(deps, request, { signature, told: status, showings }, sight);
  return landedForNow(deps, request, status);
}

async function landedForNow(
  deps: PipelineDeps,
  request: RequestRecord,
  { slot, error, commitment }: SignatureStatus,
): Promise<void> {
  if (commitment === 'processed') {
    // Confirmed in one slot, and merely processed in another: the fork of the first one died.
    const isGone = request.state === 'CONFIRMED' && request.slot !== slot;
    return isGone ? move(deps, request, 'lost_sight', { slot }, LOOK_MS) : note(deps, request, { slot }, LOOK_MS);
  }
  // A fork that drops it may still land it without the error, so nothing is given back yet.
  const event = error === null ? 'landed_confirmed' : 'error_confirmed';
  return move(deps, request, event, { slot, error }, LOOK_AT_OLDER_MS);
}

async function landedForGood(
  deps: PipelineDeps,
  request: RequestRecord,
  signature: string,
  { slot, error }: SignatureStatus,
  sight: Sight,
): Promise<void> {
  deps.disputes.settled(request.requestId);
  const seen = { slot, error, ...(await learned(deps, request, signature, sight)) };
  return move(deps, request, error === null ? 'landed_finalized' : 'landed_with_error', seen, null);
}

/** Signatures that the record does not have, and that the chain shows to everybody now. */
async function learned(
  deps: PipelineDeps,
  request: RequestRecord,
  transactionSignature: string,
  sight: Sight,
): Promise<Learned> {
  if (!isLost(request)) return { transactionSignature };
  const { requestId, ask } = request;
  const facts = { request_id: requestId, wallet: ask.walletId, transaction_signature: transactionSignature };
  deps.warn('a signature that did not leave this gateway was sent by somebody else, and landed', facts);
  const landed = await sight.read(request, transactionSignature);
  if (landed === null || landed.walletSignature === null) return { transactionSignature };
  return { transactionSignature, walletSignature: landed.walletSignature, signedTransaction: landed.wire };
}

/** The cluster does not know it: dead for certain, perhaps dead, or not there yet. */
async function missing(deps: PipelineDeps, request: RequestRecord, sight: Sight): Promise<void> {
  const blockHeight = await sight.blockHeight();
  if (mayBeOver(request, blockHeight, deps.now())) {
    const fate = await sight.fate(request);
    switch (fate.kind) {
      case 'landed':
        return landed(deps, request, fate.status, sight, fate.transactionSignature);
      case 'dead':
        return move(deps, request, 'provably_dead', { slot: null }, null);
      case 'unknowable':
        return mayStillBeTold(deps, request) ? lookLater(deps, request) : endUnproven(deps, request, NO_HISTORY);
      case 'unproven': {
        // Of one that is named, a node that is added later can tell all.
        const isOpen = fate.isNamed || mayStillBeTold(deps, request) || !sight.patienceIsOver(request.requestId);
        return isOpen ? lookLater(deps, request) : endUnproven(deps, request, NO_ANSWER);
      }
      case 'alive':
        // Its time is long over and its height is not: the height may be wrong, or the cluster may stand still.
        if (!isPast(request, blockHeight)) break;
        return move(deps, request, 'lost_sight', { slot: null }, Math.max(LOOK_AT_OLDER_MS, pauseFor(deps, request)));
      case 'searching':
        return note(deps, request, { slot: null }, LOOK_AT_SEARCHED_MS);
      case 'unused_nonce':
        break;
      default:
        return assertNever(fate);
    }
  }
  await resend(deps, request, sight);
  // A slot in which it was seen, and is not any more, was on a fork that died.
  return note(deps, request, { slot: null }, pauseFor(deps, request));
}

const TELLABLE_MS = 86_400_000;

/** By another node, or the same one later. */
function mayStillBeTold(deps: PipelineDeps, { createdAt }: RequestRecord): boolean {
  return deps.now() - createdAt < TELLABLE_MS;
}

function lookLater(deps: PipelineDeps, request: RequestRecord): Promise<void> {
  return move(deps, request, 'lost_sight', { slot: null }, LOOK_AT_OLD_MS);
}

async function endUnproven(deps: PipelineDeps, request: RequestRecord, why: string): Promise<void> {
  await countAsUsed(deps, request, why);
}

const NO_HISTORY =
  'its lifetime is over, and whether it landed cannot be looked up: no node that is asked has all of the history; it counts as used';
const NO_ANSWER =
  'its lifetime is over, and no search of the history could be ended for an hour, a day after it was asked for; it counts as used';

function pauseFor(deps: PipelineDeps, { createdAt }: RequestRecord): number {
  const ageMs = deps.now() - createdAt;
  if (ageMs < OLDER_MS) return LOOK_MS;
  return ageMs < OLD_MS ? LOOK_AT_OLDER_MS : LOOK_AT_OLD_MS;
}
