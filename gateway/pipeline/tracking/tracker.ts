// Owns the background worker: it claims requests that are due and carries each on, after a crash too, until it is final.
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import { assertNever } from '../../core/assert-never.ts';
import { encodeBase58 } from '../../core/base58.ts';
import { GatewayError } from '../../core/errors.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import type { ClaimOrder, RequestRecord } from '../../state/contract/request-store.ts';
import { settleApproval } from '../approval/approved.ts';
import { stepEntry } from '../audit-entries.ts';
import { confirm } from '../confirm.ts';
import { walletIsInProcess } from '../custody.ts';
import { recordLost } from '../lost-signature.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { submit } from '../relay.ts';
import { createClockOff } from './clock-off.ts';
import { createLookup } from './lookup.ts';
import { createPatience } from './patience.ts';
import { reconcileUntil } from './reconcile.ts';
import { createResendPace } from './resend-pace.ts';
import { createNonceMemory, openSight, type Sight } from './sight.ts';

/** Requests that are carried on at once: a bound for memory, and for what a chain or a relayer that hangs can hold. */
const AT_ONCE = 1_024;
/** Requests of one claim; one call of the cluster's RPC takes the statuses of all of them. */
const CLAIM = 256;
const WORTH_CLAIMING = 64;
/** Another worker takes a claimed request over after this. Compare-and-set keeps a late first worker from doing it twice. */
const LEASE_MS = 10_000;
const IDLE_MS = 250;
const STORE_AWAY_MS = 1_000;
const CLOCK_OFF_MS = 1_000;

export interface Tracker {
  /** Something is due now: do not wait for the next round. */
  wake(): void;
  /** Claims nothing more; ends after what is under way, which is told to be quick. */
  stop(): Promise<void>;
}

export function startTracker(deps: PipelineDeps): Tracker {
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Map<string, Promise<void>>();
  const lookup = createLookup(deps, signal);
  const clockIsOff = createClockOff(deps);
  const shared = {
    signal,
    resendIsDue: createResendPace(deps.now),
    patienceIsOver: createPatience(deps.now),
    unusedUntil: createNonceMemory(),
    lookup,
  };
  const { pause, wake } = createPause(signal);
  // While more is due than one claim holds, what became due last takes turns with what waits longest: a payment that was just sent does
  // not stand behind all that an outage left.
  let order: ClaimOrder = 'oldest';

  /** Starts what is due and waits for none of it: one that hangs holds up no other. Returns how long to rest. */
  async function round(): Promise<number> {
    const room = Math.min(CLAIM, AT_ONCE - underWay.size);
    // Woken when enough has ended.
    if (room < WORTH_CLAIMING) return LEASE_MS;
    try {
      if (await clockIsOff()) return CLOCK_OFF_MS;
      const due = await deps.state.requests.claimDue(room, LEASE_MS, order);
      const sight = openSight(deps, due, shared);
      for (const request of due) start(request, sight);
      const isMore = due.length === room;
      order = isMore && order === 'oldest' ? 'newest' : 'oldest';
      return isMore ? 0 : IDLE_MS;
    } catch (error) {
      deps.warn('the tracker cannot work now', { fault: faultName(error) });
      return STORE_AWAY_MS;
    }
  }

  function start(request: RequestRecord, sight: Sight): void {
    const { requestId } = request;
    // Its lease ran out here while it is still carried on.
    if (underWay.has(requestId)) return;
    const work = carryOn(deps, request, sight)
      // Its lease runs out, and then it is looked at again.
      .catch((error: unknown) =>
        deps.warn('a request could not be carried on', { request_id: requestId, fault: faultName(error) }),
      )
      .finally(() => {
        underWay.delete(requestId);
        if (AT_ONCE - underWay.size === WORTH_CLAIMING) wake();
      });
    underWay.set(requestId, work);
  }

  const running = (async () => {
    const reconciling = reconcileUntil(signal, deps);
    while (!signal.aborted) await pause(await round());
    await Promise.all([reconciling, ...underWay.values()]);
    await lookup.ended();
  })();
  return {
    wake,
    stop: async () => {
      stopping.abort();
      wake();
      await running;
    },
  };
}

/** A pause that `wake` ends; one that was called since the last pause ends the next at once. */
function createPause(signal: AbortSignal): {
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly wake: () => void;
} {
  let end: () => void = () => undefined;
  let pending = false;
  return {
    pause: (milliseconds) =>
      new Promise((resolve) => {
        end = () => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(end, pending || signal.aborted ? 0 : milliseconds);
        pending = false;
      }),
    wake: () => {
      pending = true;
      end();
    },
  };
}

async function carryOn(deps: PipelineDeps, request: RequestRecord, sight: Sight): Promise<void> {
  switch (request.state) {
    case 'AWAITING_APPROVAL':
      return settleApproval(deps, request, sight.signal);
    case 'SIGNING':
      return giveUpSigning(deps, request);
    case 'SIGNED':
      return carrySigned(deps, request, sight);
    case 'SUBMITTED':
    case 'CONFIRMED':
    case 'INDETERMINATE':
      return confirm(deps, request, sight);
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

/** Only what was to be sent is ever sent; whoever has the rest may send it. */
async function carrySigned(deps: PipelineDeps, request: RequestRecord, sight: Sight): Promise<void> {
  const { method } = request.ask;
  switch (method) {
    case 'sign_and_send':
      return submitAgain(deps, request, sight);
    case 'sign':
      return confirm(deps, request, sight);
    case 'sign_message':
      return; // never due
    default:
      return assertNever(method);
  }
}

/**
 * A signature leaves the gateway only after SIGNED is committed: a request that is still SIGNING has none out there, unless its key was held by
 * a backend that may have made one, or may be by now.
 */
async function giveUpSigning(deps: PipelineDeps, request: RequestRecord): Promise<void> {
  const message = 'the gateway was interrupted while it signed; no signature left it';
  const { requestId, ask, custody } = request;
  if (!walletIsInProcess(deps, ask.walletId, custody)) {
    const transactionSignature = request.transactionSignature ?? feePayerSignature(request);
    return recordLost(deps, { requestId, method: ask.method, transactionSignature, code: 'SIGNING_UNKNOWN', message });
  }
  await deps.state.requests.advance(
    {
      requestId,
      from: 'SIGNING',
      to: 'SIGNING_FAILED',
      error: `SIGNING_INTERRUPTED: ${message}`,
      dueAt: null,
    },
    stepEntry('request.signing_failed', deps.now(), requestId, { code: 'SIGNING_INTERRUPTED', message }),
  );
}

function feePayerSignature({ ask, judgement }: RequestRecord): string | null {
  const parsed = ask.method === 'sign_message' ? null : parseTransaction(judgement.transaction);
  const first = parsed?.kind === 'parsed' ? parsed.value.signatures[0] : null;
  return first ? encodeBase58(first) : null;
}

/** Signed, and perhaps never sent. Where it is held back, or its wallet has no relayer any more, the chain tells what becomes of it. */
async function submitAgain(deps: PipelineDeps, request: RequestRecord, sight: Sight): Promise<void> {
  const relayer = deps.routes.get(request.ask.walletId)?.relayer;
  const { signedTransaction } = request;
  const isHeld = request.error !== null || deps.readOnly;
  if (relayer === undefined || signedTransaction === null || isHeld) return confirm(deps, request, sight);
  await submit(deps, relayer, { ...request, signedTransaction }, sight.signal);
}

function faultName(error: unknown): string {
  if (error instanceof ChainUnavailable) return 'CHAIN_UNAVAILABLE';
  return error instanceof GatewayError ? error.reason : 'INTERNAL';
}
