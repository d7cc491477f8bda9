// Owns the request that one node shows as landed, while too few agree on its end: it stays open until nodes that answer have contradicted each
// other for an hour, and then counts as used.
import type { SignatureStatus } from '../../relayer/chain-reader.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import { countAsUsed, move, note } from './look-record.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { resend } from './relay.ts';
import { showingsText } from './tracking/disputes.ts';
import { isPast } from './tracking/fate.ts';
import type { NodeShowing } from './tracking/finality.ts';
import { PATIENCE_MS } from './tracking/patience.ts';
import type { Sight } from './tracking/sight.ts';

const LOOK_SOONEST_MS = 2_000;
const LOOK_LATEST_MS = 30_000;
/** Many may be so old when a node has been away for long; each look costs. */
const OLD_MS = 600_000;

/** One of several nodes is often a moment ahead of the others. */
const LASTING_MS = 30_000;

const NOT_AGREED =
  'too few RPC nodes agreed for an hour on what became of it: it may have landed, failed, or never landed; it counts as used';

/** Whether one of them shows an end of what another shows as not final, or does not find it. All of a cluster that stands still tell the same. */
export function isDisputed(showings: readonly NodeShowing[]): boolean {
  return showings.some(({ shows }) => shows !== 'not_finalized' && shows !== 'no_answer');
}

export interface Claim {
  /** Base58; under which one node shows it. */
  readonly signature: string;
  /** What that node shows. */
  readonly told: SignatureStatus;
  /** What the nodes show that were asked for its end. */
  readonly showings: readonly NodeShowing[];
}

/** That it is confirmed is believed of one node; nothing else is. */
export async function leaveOpen(deps: PipelineDeps, request: RequestRecord, claim: Claim, sight: Sight): Promise<void> {
  const { requestId, state } = request;
  const { told, showings } = claim;
  const { forMs, contradictedForMs } = deps.disputes.open(requestId, showings, deps.chain.witnesses);
  if (contradictedForMs >= PATIENCE_MS) return end(deps, request, claim);
  if (forMs >= LASTING_MS) deps.observer.disputed('looked_at_again');
  await sendToOthers(deps, request, showings, sight);
  const isOld = deps.now() - request.createdAt > OLD_MS;
  const lookAgainMs = isOld ? LOOK_LATEST_MS : Math.min(LOOK_LATEST_MS, Math.max(LOOK_SOONEST_MS, forMs));
  const { slot, error, commitment } = told;
  const isFirstSight = commitment !== 'processed' && (state === 'SIGNED' || state === 'SUBMITTED');
  // Once it was lost, the word of one node does not find it again: it would come and go with each look.
  if (isFirstSight && error === null) return move(deps, request, 'landed_confirmed', { slot, error }, lookAgainMs);
  return note(deps, request, { slot }, lookAgainMs);
}

async function end(deps: PipelineDeps, request: RequestRecord, { signature, showings }: Claim): Promise<void> {
  const { requestId } = request;
  const nodes = showings.map(({ node, shows }) => ({ node, shows }));
  const facts = { signature, nodes, must_agree: BigInt(deps.chain.witnesses) };
  if (!(await countAsUsed(deps, request, NOT_AGREED, facts))) return;
  deps.disputes.ended(requestId);
  deps.observer.disputed('counted_as_used');
  deps.warn(NOT_AGREED, { request_id: requestId, shown: showingsText(showings) });
}

/** Where a node does not find it, it may have gone nowhere. */
async function sendToOthers(
  deps: PipelineDeps,
  request: RequestRecord,
  showings: readonly NodeShowing[],
  sight: Sight,
): Promise<void> {
  if (!showings.some(({ shows }) => shows === 'nothing')) return;
  if (!isPast(request, await sight.blockHeight())) await resend(deps, request, sight);
}
