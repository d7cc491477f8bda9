// Owns how an admin notes that the key of a destroyed wallet was destroyed by hand. A note is the admin's word, and stands.
import type { ManagedWallet } from '../../core/wallet/managed-wallet.ts';
import type { KeyNoteAsk, KeyNoteResult } from '../contract/managed-wallet-store.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { findManagedWallet } from './managed-wallet-row.ts';

const LOCK: Statement = {
  name: 'lock_managed_wallet_to_note',
  text: 'SELECT true AS locked FROM managed_wallets WHERE wallet_id = $1 FOR UPDATE',
};
const NOTE: Statement = {
  name: 'note_key_of_managed_wallet',
  text: `UPDATE managed_wallets SET key_note_by = $2, key_note_reason = $3, key_note_at_ms = clock_ms() WHERE wallet_id = $1`,
};

/** Runs inside a transaction. */
export async function noteKeyDestroyed(session: Session, ask: KeyNoteAsk): Promise<AuditedOutcome<KeyNoteResult>> {
  const { walletId, operatorId, reason } = ask;
  await session.query(LOCK, [walletId]);
  const wallet = await findManagedWallet(session, walletId);
  if (wallet === null) return unchanged({ kind: 'not_found' });
  const { keyNote } = wallet;
  if (keyNote?.operatorId === operatorId && keyNote.reason === reason) return unchanged({ kind: 'noted', wallet });
  const refusal = refuseNote(wallet);
  if (refusal !== null) return unchanged({ kind: 'refused', reason: refusal });
  await session.query(NOTE, [walletId, operatorId, reason]);
  const noted = await findManagedWallet(session, walletId);
  if (noted === null) throw new Error('a managed wallet that is locked is gone');
  return { changed: true, value: { kind: 'noted', wallet: noted } };
}

function refuseNote({ walletId, state, keyDestroyedDetail, keyNote }: ManagedWallet): string | null {
  if (state !== 'DESTROYED') {
    return `the wallet ${walletId} is not destroyed, so its key is needed; destroy the wallet first`;
  }
  if (keyDestroyedDetail !== null) {
    return `the record has of the key of ${walletId} that it is destroyed (${keyDestroyedDetail}); there is nothing to note`;
  }
  if (keyNote === null) return null;
  const { operatorId, at, reason } = keyNote;
  return `${operatorId} noted it at ${new Date(at).toISOString()} (${reason}), and that stands`;
}

function unchanged(value: KeyNoteResult): AuditedOutcome<KeyNoteResult> {
  return { changed: false, value };
}
