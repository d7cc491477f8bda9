// Owns how an admin says that the key of a destroyed wallet was destroyed by hand, where no gateway can.
import { assertNever } from '../../../core/assert-never.ts';
import type { Operator } from '../../../core/principal/principal.ts';
import type { ManagedWallet } from '../../../core/wallet/managed-wallet.ts';
import type { KeyNoteAsk } from '../managed-wallets-contract.ts';
import { auditEntry, noWallet, refused, type WalletDeps, walletOf } from './wallet-deps.ts';

export async function noteKeyDestroyed(
  deps: WalletDeps,
  by: Operator,
  { walletId, reason }: KeyNoteAsk,
): Promise<ManagedWallet> {
  const { label, backend, key } = await walletOf(deps, walletId);
  const facts = {
    wallet: walletId,
    label,
    reason,
    ...(backend === null ? {} : { backend }),
    ...(key === null ? {} : { address: key.address }),
  };
  const audit = auditEntry(deps, 'wallet.key_destroyed_by_hand', by, facts);
  const result = await deps.store.noteKeyDestroyed({ walletId, operatorId: by.id, reason }, audit);
  switch (result.kind) {
    case 'noted':
      return result.wallet;
    case 'not_found':
      throw await noWallet(deps.store, walletId);
    case 'refused':
      throw refused(result.reason);
    default:
      return assertNever(result);
  }
}
