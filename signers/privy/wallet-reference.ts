// Owns what is kept of a wallet that was made at Privy.
import type { KeyReference } from '../key-creator.ts';
import { walletId } from './new-wallet.ts';

/** Its id; `null`: it is none. */
export function walletIdIn(reference: KeyReference): string | null {
  const read = walletId.safeParse(reference.wallet_id);
  return read.success ? read.data : null;
}
