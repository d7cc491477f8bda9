// Owns whether operators froze what an approval is about.
import { type Controls, type Freeze, frozenBy } from '../../core/controls/freeze.ts';
import type { ApprovalRecord } from '../../state/contract/approval-store.ts';
import { type Established, freezeSubject } from '../subject.ts';

/** `established`: `null` for a message, and where nothing but agent and wallet is known. */
export function frozenIn(
  { freezes }: Controls,
  { agentId, walletId }: Pick<ApprovalRecord, 'agentId' | 'walletId'>,
  established: Established,
): Freeze | null {
  return frozenBy(freezes, () => freezeSubject(established, agentId, walletId));
}

/** Reads what it touches only where a freeze of agents, wallets or everything does not tell. */
export async function frozenWithin(
  controls: Controls,
  approval: Pick<ApprovalRecord, 'agentId' | 'walletId'>,
  establish: () => Promise<Established>,
): Promise<Freeze | null> {
  const known = frozenIn(controls, approval, null);
  if (known !== null || controls.freezes.length === 0) return known;
  return frozenIn(controls, approval, await establish());
}

export function freezeText({ scope, target, reason }: Freeze): string {
  return `operators have frozen ${scope === 'all' ? 'everything' : `the ${scope} ${target}`}: ${reason}`;
}
