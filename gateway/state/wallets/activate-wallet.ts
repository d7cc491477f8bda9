// Owns the moment from which a managed wallet whose key is there is one that all gateways use.
import { GatewayError } from '../../core/errors.ts';
import type { ManagedKey } from '../../core/wallet/managed-wallet.ts';
import type { ActivateResult } from '../contract/managed-wallet-store.ts';
import { LOCK_CONTROLS, NEXT_VERSION } from '../controls/set-freeze.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { setCarriedOut } from './agreed-proposal.ts';
import { findKeyImport } from './key-import.ts';
import { findManagedWallet } from './managed-wallet-row.ts';
import { LOCK_WALLETS, refuseTakenKey } from './taken.ts';

const ACTIVATE: Statement = {
  name: 'activate_managed_wallet',
  text: `UPDATE managed_wallets SET state = 'ACTIVE', address = $2, reference = $3, changed_version = (SELECT version FROM controls)
    WHERE wallet_id = $1`,
};
const ADD_WALLET: Statement = {
  name: 'add_managed_wallet',
  text: 'INSERT INTO wallets (wallet_id, address) VALUES ($1, $2)',
};

/** Runs inside a transaction. */
export async function activateWallet(
  session: Session,
  walletId: string,
  { address, reference }: ManagedKey,
  proposalId: string | null,
): Promise<AuditedOutcome<ActivateResult>> {
  await session.query(LOCK_CONTROLS, []);
  await session.query(LOCK_WALLETS, []);
  const wallet = await findManagedWallet(session, walletId);
  const imported = await findKeyImport(session, walletId);
  if ((imported?.proposalId ?? null) !== proposalId) return unchanged({ kind: 'stale' });
  if (wallet?.state === 'ACTIVE' && wallet.key?.address === address) return unchanged({ kind: 'activated', wallet });
  if (wallet?.state !== 'CREATING') return unchanged({ kind: 'stale' });
  if (imported !== null && imported.address !== address) {
    throw new GatewayError(
      'INTERNAL',
      `the key that came for the wallet ${walletId} is not the one that was voted for`,
    );
  }
  if ((await refuseTakenKey(session, walletId, address)) !== null) return unchanged({ kind: 'key_taken' });
  await session.query(NEXT_VERSION, []);
  await session.query(ACTIVATE, [walletId, address, JSON.stringify(reference)]);
  await session.query(ADD_WALLET, [walletId, address]);
  if (proposalId !== null) await setCarriedOut(session, proposalId);
  const activated = await findManagedWallet(session, walletId);
  if (activated === null) throw new Error('a managed wallet that was just written is not there');
  return { changed: true, value: { kind: 'activated', wallet: activated } };
}

function unchanged(value: ActivateResult): AuditedOutcome<ActivateResult> {
  return { changed: false, value };
}
