// Owns what a person reads of what became of the key of a destroyed wallet.
import type { ManagedWallet } from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import { timeText } from './proposal-text.ts';

/** Not yet escaped. `null`: nobody has said that it is destroyed. */
export function keyFateText({ keyDestroyed, keyNote }: Pick<ManagedWallet, 'keyDestroyed' | 'keyNote'>): string | null {
  if (keyDestroyed !== '') return `its key: ${keyDestroyed}`;
  if (keyNote === undefined) return null;
  const { operator, reason, noteTime } = keyNote;
  return `its key: destroyed by hand, says ${operator} since ${timeText(noteTime)} (${reason})`;
}
