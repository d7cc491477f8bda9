// Owns the background worker: it claims requests that are due and carries each on, after a crash too, until it is final.
import type { SignatureStatus } from '../../relayer/chain-reader.ts';
import { assertNever } from '../core/assert-never.ts';
import { nextState, type RequestEvent } from '../core/request/request-state.ts';
import type { RequestRecord } from '../state/state.ts';
import { faultName, settleApproval } from './approved.ts';
import { kindOfState, stepEntry } from './audit-entries.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { send, submit } from './relay.ts';

const CLAIM_LIMIT = 64;
/** Another worker takes a claimed request over after this. Compare-and-set keeps a late first worker from doing it twice. */
const LEASE_MS = 10_000;
const IDLE_MS = 250;
const LOOK_MS = 400;
const RESEND_MS = 2_000;
const STORE_AWAY_MS = 1_000;

export interface Tracker {
  /** Something is due now: do not wait for the next round. */
  wake(): void;
  /** Ends after the round that is running. */
  stop(): Promise<void>;
}

export function startTracker(deps: PipelineDeps): Tracker {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  let pending = false;
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, pending || stopping.signal.aborted ? 0 : milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const running = (async () => {
    while (!stopping.signal.aborted) {
      pending = false;
      await pause(await round(deps, stopping.signal));
    }
  })();
  return {
    wake: () => {
      pending = true;
      wake();
    },
    stop: async () => {
      stopping.abort();
      wake();
      await running;
    },
  };
}

/** One round; returns how long to rest after it. */
async function round(deps: PipelineDeps, signal: AbortSignal): Promise<number> {
  try {
    const due = await deps.state.requests.claimDue(CLAIM_LIMIT, LEASE_MS);
    if (due.length === 0) return IDLE_MS;
    const statuses = await readStatuses(deps, due, signal);
    await Promise.all(due.map((request) => carryOn(deps, request, statuses, signal)));
    return due.length === CLAIM_LIMIT ? 0 : IDLE_MS;
  } catch (error) {
    deps.warn('the tracker cannot work now', { fault: faultName(error) });
    return STORE_AWAY_MS;
  }
}

/** What the chain says of all claimed signatures; `null`: the chain could not be asked. */
type Statuses = ReadonlyMap<string, SignatureStatus | null> | null;

async function readStatuses(deps: PipelineDeps, due: readonly RequestRecord[], signal: AbortSignal): Promise<Statuses> {
  const signatures = due.flatMap((request) => request.transactionSignature ?? []);
  if (signatures.length === 0) return new Map();
  try {
    const statuses = await deps.chain.getSignatureStatuses(signatures, signal);
    return new Map(signatures.map((signature, i) => [signature, statuses[i] ?? null]));
  } catch {
    return null;
  }
}

async function carryOn(
  deps: PipelineDeps,
  request: RequestRecord,
  statuses: Statuses,
  signal: AbortSignal,
): Promise<void> {
  try {
    await carryOnUnguarded(deps, request, statuses, signal);
  } catch (error) {
    // Its lease runs out, and then it is looked at again.
    deps.warn('a request could not be carried on', { request_id: request.requestId, fault: faultName(error) });
  }
}

async function carryOnUnguarded(
  deps: PipelineDeps,
  request: RequestRecord,
  statuses: Statuses,
  signal: AbortSignal,
): Promise<void> {
  switch (request.state) {
    case 'AWAITING_APPROVAL':
      return settleApproval(deps, request, signal);
    case 'SIGNING':
      return giveUpSigning(deps, request);
    case 'SIGNED':
      return resubmit(deps, request, signal);
    case 'SUBMITTED':
    case 'CONFIRMED':
    case 'INDETERMINATE':
      return look(deps, request, statuses, signal);
    case 'RECEIVED':
    case 'EVALUATED':
    case 'DENIED':
    case 'SIGNING_FAILED':
    case 'FINALIZED':
    case 'FAILED':
    case 'EXPIRED':
      return; // never due
    default:
      return assertNever(request.state);
  }
}

/** A signature leaves the gateway only after SIGNED is committed: a request that is still SIGNING has none out there. */
async function giveUpSigning(deps: PipelineDeps, request: RequestRecord): Promise<void> {
  const message = 'the gateway was interrupted while it signed; no signature left it';
  await deps.state.requests.advance(
    {
      requestId: request.requestId,
      from: 'SIGNING',
      to: 'SIGNING_FAILED',
      error: `SIGNING_INTERRUPTED: ${message}`,
      dueAt: null,
    },
    stepEntry('request.signing_failed', deps.now(), request.requestId, { code: 'SIGNING_INTERRUPTED', message }),
  );
}

async function resubmit(deps: PipelineDeps, request: RequestRecord, signal: AbortSignal): Promise<void> {
  const relayer = deps.routes.get(request.ask.walletId)?.relayer;
  const { signedTransaction } = request;
  if (relayer === undefined || signedTransaction === null) return;
  await submit(deps, relayer, { requestId: request.requestId, state: request.state, signedTransaction }, signal);
}

async function look(
  deps: PipelineDeps,
  request: RequestRecord,
  statuses: Statuses,
  signal: AbortSignal,
): Promise<void> {
  if (statuses === null || request.transactionSignature === null) return note(deps, request, {}, LOOK_MS * 5);
  const status = statuses.get(request.transactionSignature) ?? null;
  if (status !== null) return landed(deps, request, status);
  if (request.state === 'CONFIRMED') return move(deps, request, 'lost_sight', { slot: null }, LOOK_MS);
  return missing(deps, request, signal);
}

async function landed(deps: PipelineDeps, request: RequestRecord, status: SignatureStatus): Promise<void> {
  const { slot, error, commitment } = status;
  if (commitment === 'processed') return note(deps, request, { slot }, LOOK_MS);
  if (error !== null) return move(deps, request, 'landed_with_error', { slot, error }, null);
  if (commitment === 'finalized') return move(deps, request, 'landed_finalized', { slot }, null);
  return move(deps, request, 'landed_confirmed', { slot }, LOOK_MS * 5);
}

/** The cluster does not know it: dead for certain, perhaps dead, or not there yet. */
async function missing(deps: PipelineDeps, request: RequestRecord, signal: AbortSignal): Promise<void> {
  const { lastValidBlockHeight } = request.judgement;
  if (lastValidBlockHeight !== null) {
    const finalized = await deps.chain.getBlockHeight('finalized', signal);
    if (finalized > lastValidBlockHeight) return buryIfAbsent(deps, request, signal);
    const confirmed = await deps.chain.getBlockHeight('confirmed', signal);
    if (confirmed > lastValidBlockHeight) return move(deps, request, 'lost_sight', {}, LOOK_MS * 5);
  }
  const relayer = deps.routes.get(request.ask.walletId)?.relayer;
  const { signedTransaction } = request;
  // A recorded error means that preflight refused it: the same bytes would be refused again.
  if (relayer !== undefined && signedTransaction !== null && request.error === null) {
    await send(deps, relayer, signedTransaction, signal);
  }
  return note(deps, request, {}, RESEND_MS);
}

/** Looked up once more after the height was read: what is absent now, above that height, can never land. */
async function buryIfAbsent(deps: PipelineDeps, request: RequestRecord, signal: AbortSignal): Promise<void> {
  const { transactionSignature } = request;
  if (transactionSignature === null) return;
  const [status] = await deps.chain.getSignatureStatuses([transactionSignature], signal);
  if (status) return landed(deps, request, status);
  return move(deps, request, 'provably_dead', {}, null);
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
  if (to === request.state) return note(deps, request, seen, lookAgainMs ?? LOOK_MS);
  const { requestId } = request;
  const facts = {
    signature: request.transactionSignature,
    ...(seen.slot === undefined ? {} : { slot: seen.slot }),
    ...(seen.error === undefined ? {} : { error: seen.error }),
  };
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
