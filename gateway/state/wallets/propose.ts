// Owns how admins propose what to do with a managed wallet, and vote for it.
import { assertNever } from '../../core/assert-never.ts';
import type { ManagedWallet, WalletAction } from '../../core/wallet/managed-wallet.ts';
import type { ProposalResult, ProposeAsk, WalletVoteAsk } from '../contract/managed-wallet-store.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { findProposal, lockAdmins, lockProposal, notAdmin, refuseEnded } from './agreed-proposal.ts';
import { findKeyImport, otherImport } from './key-import.ts';
import { findManagedWallet } from './managed-wallet-row.ts';
import { refuseConfigured, refuseTakenKey } from './taken.ts';

const INSERT: Statement = {
  name: 'insert_wallet_proposal',
  text: `INSERT INTO wallet_proposals (proposal_id, wallet_id, terms, reason, proposed_by, proposed_at_ms, expires_at_ms)
    SELECT $1, $2, $3, $4, $5, now_ms, now_ms + $6 FROM clock_ms() AS now_ms`,
};
// One that does not count any more is cast anew.
const INSERT_VOTE: Statement = {
  name: 'insert_wallet_proposal_vote',
  text: `INSERT INTO wallet_proposal_votes (proposal_id, operator_id, reason) VALUES ($1, $2, $3)
    ON CONFLICT (proposal_id, operator_id) DO UPDATE SET reason = excluded.reason, time_ms = clock_ms()`,
};

/** Runs inside a transaction. */
export async function propose(session: Session, ask: ProposeAsk): Promise<AuditedOutcome<ProposalResult>> {
  const { proposalId, walletId, terms, reason: why, proposedBy, lifeMs } = ask;
  if (!(await lockAdmins(session, proposalId, proposedBy))) return refused(notAdmin(proposedBy));
  const wallet = await findManagedWallet(session, walletId);
  let reason: string | null;
  if (terms.action === 'import') {
    reason = await refuseImport(session, walletId, wallet, terms.address);
  } else {
    if (wallet === null) return { changed: false, value: { kind: 'not_found' } };
    reason = refuseInState(wallet, terms.action);
  }
  if (reason !== null) return refused(reason);
  await session.query(INSERT, [proposalId, walletId, JSON.stringify(terms), why, proposedBy, lifeMs]);
  await session.query(INSERT_VOTE, [proposalId, proposedBy, why]);
  return recorded(session, proposalId);
}

/** Runs inside a transaction. */
export async function voteFor(session: Session, ask: WalletVoteAsk): Promise<AuditedOutcome<ProposalResult>> {
  const { proposalId, operatorId } = ask;
  const locked = await lockProposal(session, proposalId);
  if (locked === null) return { changed: false, value: { kind: 'not_found' } };
  const { proposal, now } = locked;
  const ended = refuseEnded(proposal, now);
  if (ended !== null) return refused(ended);
  if (!(await lockAdmins(session, proposalId, operatorId))) return refused(notAdmin(operatorId));
  if (proposal.votes.some((vote) => vote.operatorId === operatorId && vote.counts)) {
    return refused(`${operatorId} has already voted for it; each admin counts once`);
  }
  await session.query(INSERT_VOTE, [proposalId, operatorId, ask.reason]);
  return recorded(session, proposalId);
}

function refuseInState({ walletId, state }: ManagedWallet, action: Exclude<WalletAction, 'import'>): string | null {
  switch (state) {
    case 'CREATING':
      if (action === 'destroy') return null;
      return `the wallet ${walletId} is still being created; create it again to go on`;
    case 'ACTIVE':
      return null;
    case 'DESTROYED':
      return `the wallet ${walletId} is destroyed already`;
    default:
      return assertNever(state);
  }
}

async function refuseImport(
  session: Session,
  walletId: string,
  wallet: ManagedWallet | null,
  address: string,
): Promise<string | null> {
  if (wallet !== null) {
    // Its import was begun, and may have to be agreed anew.
    const earlier = wallet.state === 'CREATING' ? await findKeyImport(session, walletId) : null;
    if (earlier === null) return `the wallet ${walletId} is, or was, there already; choose another id to import to`;
    if (earlier.address !== address) return otherImport(walletId, earlier);
  }
  return (await refuseConfigured(session, walletId)) ?? refuseTakenKey(session, walletId, address);
}

async function recorded(session: Session, proposalId: string): Promise<AuditedOutcome<ProposalResult>> {
  const proposal = await findProposal(session, proposalId);
  if (proposal === null) throw new Error('a proposal that was just written is not there');
  return { changed: true, value: { kind: 'recorded', proposal } };
}

function refused(reason: string): AuditedOutcome<ProposalResult> {
  return { changed: false, value: { kind: 'refused', reason } };
}
