// Owns how a look at the chain is recorded: a step with its audit record, or only when to look again.
import type { CanonicalValue } from '../core/canonical-json.ts';
import { nextState, type RequestEvent } from '../core/request/request-state.ts';
import type { RequestChange, RequestRecord } from '../state/contract/request-store.ts';
import { kindOfState, stepEntry } from './audit-entries.ts';
import { isLost } from './lost-signature.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

type LookDeps = Pick<PipelineDeps, 'state' | 'now'>;

/** Signatures that a look found, and the record did not have. */
export type Learned = Pick<RequestChange, 'transactionSignature' | 'walletSignature' | 'signedTransaction'>;

export interface Seen extends Learned {
  readonly slot?: bigint | null;
  readonly error?: string | null;
}

/** `lookAgainMs`: `null`: never again. */
export async function move(
  deps: LookDeps,
  request: RequestRecord,
  event: RequestEvent,
  seen: Seen,
  lookAgainMs: number | null,
): Promise<void> {
  const to = nextState(request.state, event);
  if (to === request.state) return note(deps, request, seen, lookAgainMs);
  const { requestId } = request;
  const { error, slot } = seen;
  const facts = {
    signature: seen.transactionSignature ?? request.transactionSignature,
    ...(slot === undefined ? {} : { slot }),
    ...((error ?? null) === null ? {} : { error }),
    ...(isLost(request) ? { signature_given_out: false } : {}),
  };
  const change = { requestId, from: request.state, to, ...seen, dueAt: lookAt(deps, lookAgainMs) };
  await deps.state.requests.advance(change, stepEntry(kindOfState(to), deps.now(), requestId, facts));
}

/** Nothing worth a record: only when to look again, and where it was seen. */
export async function note(
  deps: LookDeps,
  request: RequestRecord,
  seen: Seen,
  lookAgainMs: number | null,
): Promise<void> {
  const { requestId, state } = request;
  const change = { requestId, from: state, to: state, ...seen, dueAt: lookAt(deps, lookAgainMs) };
  await deps.state.requests.advance(change, null);
}

/**
 * Nobody will look again; what is reserved for it is then settled as used (state/reservation-store.ts). `error`: why, for people. Returns
 * whether that is recorded: it may have moved on meanwhile.
 */
export async function countAsUsed(
  deps: LookDeps,
  request: RequestRecord,
  error: string,
  facts: { readonly [key: string]: CanonicalValue } = { signature: null },
): Promise<boolean> {
  const { requestId, state } = request;
  const to = nextState(state, 'lost_sight');
  const advanced = await deps.state.requests.advance(
    { requestId, from: state, to, slot: null, error, dueAt: null },
    stepEntry(kindOfState(to), deps.now(), requestId, { ...facts, error }),
  );
  return advanced.kind === 'advanced';
}

function lookAt({ now }: Pick<LookDeps, 'now'>, lookAgainMs: number | null): number | null {
  return lookAgainMs === null ? null : now() + lookAgainMs;
}
