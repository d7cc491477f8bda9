// Owns how what admins agreed to is carried out in the record: a wallet is destroyed for all gateways, or the export of its key noted.
import { isFinal, REQUEST_STATES } from '../../core/request/request-state.ts';
import type { ManagedWallet, WalletProposal } from '../../core/wallet/managed-wallet.ts';
import type { CarryOutAsk, WalletChangeResult } from '../contract/managed-wallet-store.ts';
import { LOCK_CONTROLS, NEXT_VERSION } from '../controls/set-freeze.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { text } from '../sql/row.ts';
import { lockAdmins, lockProposal, notAdmin, refuseCarryOut, setCarriedOut } from './agreed-proposal.ts';
import { findManagedWallet } from './managed-wallet-row.ts';
import { LOCK_WALLETS } from './taken.ts';

const LOCK_WALLET: Statement = {
  name: 'lock_managed_wallet',
  text: 'SELECT true AS locked FROM managed_wallets WHERE wallet_id = $1 FOR SHARE',
};
const FREEZE: Statement = {
  name: 'find_freeze_of_wallet',
  text: `SELECT freeze_id FROM freezes WHERE scope = 'wallet' AND target = $1 AND lifted_at_ms IS NULL`,
};
// By the indexes of what is due and of what is pending: few requests are, and nobody goes on with any other.
const OPEN_REQUEST: Statement = {
  name: 'find_open_request_of_wallet',
  text: `SELECT request_id, state FROM requests WHERE due_at_ms IS NOT NULL AND wallet_id = $1 AND state = ANY ($2)
    UNION ALL SELECT request_id, 'AWAITING_APPROVAL' FROM approvals WHERE state = 'PENDING' AND wallet_id = $1 LIMIT 1`,
};
const DESTROY: Statement = {
  name: 'destroy_managed_wallet',
  text: `UPDATE managed_wallets
    SET state = 'DESTROYED', destroyed_at_ms = clock_ms(), changed_version = (SELECT version FROM controls) WHERE wallet_id = $1`,
};
const RETIRE: Statement = {
  name: 'retire_managed_wallet',
  text: 'UPDATE wallets SET retired_at_ms = clock_ms() WHERE wallet_id = $1',
};

const OPEN_STATES = REQUEST_STATES.filter((state) => !isFinal(state));

/** Runs inside a transaction. */
export async function destroyWallet(session: Session, ask: CarryOutAsk): Promise<AuditedOutcome<WalletChangeResult>> {
  await session.query(LOCK_CONTROLS, []);
  await session.query(LOCK_WALLETS, []);
  const locked = await lockProposal(session, ask.proposalId);
  if (locked === null) return { changed: false, value: { kind: 'not_found' } };
  const { proposal } = locked;
  const { walletId } = proposal;
  const wallet = await findManagedWallet(session, walletId);
  if (wallet !== null && isDestroyedBy(proposal)) {
    const refusal = await refuseRepeated(session, wallet, proposal, ask);
    return refusal === null ? { changed: false, value: { kind: 'done', wallet, proposal } } : refused(refusal);
  }
  const reason =
    (await refuseCarryOut(session, locked, 'destroy', ask)) ?? (await refuseDestruction(session, proposal, wallet));
  if (reason !== null) return refused(reason);
  await session.query(NEXT_VERSION, []);
  await session.query(DESTROY, [walletId]);
  await session.query(RETIRE, [walletId]);
  return done(session, proposal);
}

/** Runs inside a transaction. */
export async function beginExport(session: Session, ask: CarryOutAsk): Promise<AuditedOutcome<WalletChangeResult>> {
  const locked = await lockProposal(session, ask.proposalId);
  if (locked === null) return { changed: false, value: { kind: 'not_found' } };
  const { proposal } = locked;
  await session.query(LOCK_WALLET, [proposal.walletId]);
  // The answer of an earlier call may be lost; to have the same again is what was agreed to, for as long as the proposal has.
  const anew = { ...locked, proposal: { ...proposal, carriedOutAt: null } };
  const reason =
    (await refuseCarryOut(session, anew, 'export', ask)) ??
    refuseInactive(proposal, await findManagedWallet(session, proposal.walletId));
  return reason === null ? done(session, proposal) : refused(reason);
}

function isDestroyedBy({ terms, carriedOutAt }: WalletProposal): boolean {
  return terms.action === 'destroy' && carriedOutAt !== null;
}

/** What is left is the key at the backend: that was agreed to, and any admin may see to it. */
async function refuseRepeated(
  session: Session,
  { walletId, keyDestroyedDetail }: ManagedWallet,
  { proposedBy }: WalletProposal,
  { proposalId, operatorId }: CarryOutAsk,
): Promise<string | null> {
  if (proposedBy === operatorId) return null;
  if (keyDestroyedDetail !== null) {
    return `the wallet ${walletId} is destroyed, and so is its key; there is nothing left to do`;
  }
  return (await lockAdmins(session, proposalId, operatorId)) ? null : notAdmin(operatorId);
}

async function refuseDestruction(
  session: Session,
  proposal: WalletProposal,
  wallet: ManagedWallet | null,
): Promise<string | null> {
  // Nothing was ever signed for one that was never finished, and no request can name it.
  if (wallet?.state === 'CREATING') return null;
  return refuseInactive(proposal, wallet) ?? refuseInUse(session, proposal.walletId);
}

function refuseInactive({ walletId }: WalletProposal, wallet: ManagedWallet | null): string | null {
  if (wallet?.state === 'ACTIVE') return null;
  return wallet?.state === 'DESTROYED'
    ? `the wallet ${walletId} is destroyed already; there is nothing left to do`
    : `the wallet ${walletId} is not active; create it first`;
}

/** Under the lock of the controls: no request becomes one that is signed, and nothing is lifted, until the transaction ends. */
async function refuseInUse(session: Session, walletId: string): Promise<string | null> {
  const [freeze] = await session.query(FREEZE, [walletId]);
  if (freeze === undefined)
    return `the wallet ${walletId} is not frozen; freeze it (that wallet, not everything) first`;
  const [open] = await session.query(OPEN_REQUEST, [walletId, OPEN_STATES]);
  if (open === undefined) return null;
  const [requestId, state] = [text(open, 'request_id'), text(open, 'state')];
  return state === 'AWAITING_APPROVAL'
    ? `the request ${requestId} of the wallet ${walletId} awaits an approval; have it rejected, or wait until its time is over`
    : `the request ${requestId} of the wallet ${walletId} is ${state}; wait until it is known what became of it`;
}

async function done(
  session: Session,
  { proposalId, walletId }: WalletProposal,
): Promise<AuditedOutcome<WalletChangeResult>> {
  const proposal = await setCarriedOut(session, proposalId);
  const wallet = await findManagedWallet(session, walletId);
  if (wallet === null) throw new Error('a managed wallet that is locked is gone');
  return { changed: true, value: { kind: 'done', wallet, proposal } };
}

function refused(reason: string): AuditedOutcome<WalletChangeResult> {
  return { changed: false, value: { kind: 'refused', reason } };
}
