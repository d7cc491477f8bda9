// Owns what a hint that a transaction landed does: the tracker looks at its request at once. What is so, the look tells.
import { encodeBase58 } from '../../core/base58.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

type HintDeps = Pick<PipelineDeps, 'state' | 'landingHints' | 'wakeTracker'>;

interface Sent {
  readonly requestId: string;
  readonly signedTransaction: Uint8Array;
}

/** To be called before it is sent: nodes tell only what happens afterwards. */
export function hearLanding(deps: HintDeps, { requestId, signedTransaction }: Sent): void {
  const parsed = parseTransaction(signedTransaction);
  const signature = parsed.kind === 'parsed' ? (parsed.value.signatures[0] ?? null) : null;
  if (signature === null) return;
  deps.landingHints.listen(encodeBase58(signature), () => void lookSoon(deps, requestId));
}

/** Where it cannot be recorded, or the request has moved on, the next look comes when it would have come. */
async function lookSoon({ state, wakeTracker }: HintDeps, requestId: string): Promise<void> {
  try {
    await state.requests.advance({ requestId, from: 'SUBMITTED', to: 'SUBMITTED', dueAt: 0 }, null);
    wakeTracker();
  } catch {
    return;
  }
}
