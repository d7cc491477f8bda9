// Owns the background worker: it claims requests that are due and carries each on, after a crash too, until it is final.
import { ChainUnavailable, type Commitment, type SignatureStatus } from '../../relayer/chain-reader.ts';
import { assertNever } from '../core/assert-never.ts';
import { GatewayError } from '../core/errors.ts';
import type { RequestRecord } from '../state/state.ts';
import { settleApproval } from './approved.ts';
import { stepEntry } from './audit-entries.ts';
import { confirm, type Sight } from './confirm.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { submit } from './relay.ts';
import { createResendPace } from './resend-pace.ts';

/** Requests that are carried on at once; one call of the cluster's RPC takes the statuses of all of them. */
const AT_ONCE = 128;
/** Another worker takes a claimed request over after this. Compare-and-set keeps a late first worker from doing it twice. */
const LEASE_MS = 10_000;
const IDLE_MS = 250;
const STORE_AWAY_MS = 1_000;

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
  const resendIsDue = createResendPace(deps.now);
  let wake: () => void = () => undefined;
  let pending = false;
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, pending || signal.aborted ? 0 : milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Starts what is due and waits for none of it: one that hangs holds up no other. Returns how long to rest. */
  async function round(): Promise<number> {
    const free = AT_ONCE - underWay.size;
    if (free === 0) return IDLE_MS;
    try {
      const due = await deps.state.requests.claimDue(free, LEASE_MS);
      const sight = { ...lookOnce(deps, due, signal), resendIsDue };
      for (const request of due) start(request, sight);
      return due.length === free ? 0 : IDLE_MS;
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
      .finally(() => underWay.delete(requestId));
    underWay.set(requestId, work);
  }

  const running = (async () => {
    while (!signal.aborted) {
      pending = false;
      await pause(await round());
    }
    await Promise.all(underWay.values());
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

/** Asks the chain for what these requests have in common at most once, and only when one of them needs it. */
function lookOnce(deps: PipelineDeps, due: readonly RequestRecord[], signal: AbortSignal): Omit<Sight, 'resendIsDue'> {
  const heights = new Map<Commitment, Promise<bigint>>();
  let statuses: ReturnType<Sight['statuses']> | null = null;
  return {
    signal,
    statuses: () => {
      statuses ??= readStatuses(deps, due, signal);
      return statuses;
    },
    blockHeight: (commitment) => {
      const height = heights.get(commitment) ?? deps.chain.getBlockHeight(commitment, signal);
      heights.set(commitment, height);
      return height;
    },
  };
}

async function readStatuses(
  deps: PipelineDeps,
  due: readonly RequestRecord[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SignatureStatus | null> | null> {
  const signatures = due.flatMap((request) => request.transactionSignature ?? []);
  try {
    const statuses = await deps.chain.getSignatureStatuses(signatures, signal);
    return new Map(signatures.map((signature, i) => [signature, statuses[i] ?? null]));
  } catch {
    return null;
  }
}

async function carryOn(deps: PipelineDeps, request: RequestRecord, sight: Sight): Promise<void> {
  switch (request.state) {
    case 'AWAITING_APPROVAL':
      return settleApproval(deps, request, sight.signal);
    case 'SIGNING':
      return giveUpSigning(deps, request);
    case 'SIGNED':
      // Only what was to be sent is due, and only that is ever sent.
      return request.ask.method === 'sign_and_send' ? submitAgain(deps, request, sight) : undefined;
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
