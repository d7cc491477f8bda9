// Owns the request that one node shows as final, while too few others agree: it stays open for an hour, and then counts as used.
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

const NOT_AGREED =
  'too few RPC nodes agreed for an hour on what became of it: it may have landed, failed, or never landed; it counts as used';

/** `told`: what one node shows. That it is confirmed is believed of one; nothing else is. */
export async function leaveOpen(
  deps: PipelineDeps,
  request: RequestRecord,
  { slot, error }: SignatureStatus,
  showings: readonly NodeShowing[],
  sight: Sight,
): Promise<void> {
  const { requestId, state, transactionSignature: signature } = request;
  const forMs = deps.disputes.open(requestId, showings);
  if (forMs >= PATIENCE_MS) {
    const nodes = showings.map(({ node, shows }) => ({ node, shows }));
    await countAsUsed(deps, request, NOT_AGREED, { signature, nodes, must_agree: BigInt(deps.chain.witnesses) });
    deps.disputes.ended(requestId);
    deps.observer.disputed('counted_as_used');
    deps.warn(NOT_AGREED, { request_id: requestId, shown: showingsText(showings) });
    return;
  }
  deps.observer.disputed('looked_at_again');
  await sendToOthers(deps, request, showings, sight);
  const lookAgainMs = Math.min(LOOK_LATEST_MS, Math.max(LOOK_SOONEST_MS, forMs));
  const isFirstSight = error === null && (state === 'SIGNED' || state === 'SUBMITTED');
  // Once it was lost, the word of one node does not find it again: it would come and go with each look.
  if (isFirstSight) return move(deps, request, 'landed_confirmed', { slot, error }, lookAgainMs);
  return note(deps, request, { slot }, lookAgainMs);
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
