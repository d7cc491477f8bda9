// Owns whether a proposal of admins may be carried out now: locked, with all who voted for it, until the transaction ends.
import { assertNever } from '../../core/assert-never.ts';
import type { WalletAction, WalletProposal } from '../../core/wallet/managed-wallet.ts';
import type { CarryOutAsk } from '../contract/managed-wallet-store.ts';
import type { Session, Statement } from '../sql/database.ts';
import { boolean, milliseconds } from '../sql/row.ts';
import { PROPOSAL_COLUMNS, parseProposal } from './wallet-proposal-row.ts';

const LOCK: Statement = {
  name: 'lock_wallet_proposal',
  text: 'SELECT clock_ms() AS now_ms FROM wallet_proposals WHERE proposal_id = $1 FOR UPDATE',
};
const FIND: Statement = {
  name: 'find_wallet_proposal',
  text: `SELECT ${PROPOSAL_COLUMNS} FROM wallet_proposals p WHERE p.proposal_id = $1`,
};
// Locked, so that nobody who voted is shut out between the count and the commit.
const LOCK_VOTERS: Statement = {
  name: 'lock_wallet_proposal_voters',
  text: `SELECT p.principal_id = $2 AND p.kind = 'operator' AND p.disabled_at_ms IS NULL AND 'admin' = ANY (p.roles) AS is_admin
    FROM principals p
    WHERE p.principal_id = $2 OR p.principal_id IN (SELECT v.operator_id FROM wallet_proposal_votes v WHERE v.proposal_id = $1)
    ORDER BY p.principal_id FOR SHARE`,
};
const SET_CARRIED_OUT: Statement = {
  name: 'wallet_proposal_carried_out',
  text: 'UPDATE wallet_proposals SET carried_out_at_ms = coalesce(carried_out_at_ms, clock_ms()) WHERE proposal_id = $1',
};

export interface LockedProposal {
  readonly proposal: WalletProposal;
  /** Unix milliseconds by the database's clock. */
  readonly now: number;
}

/** `null`: there is none. */
export async function lockProposal(session: Session, proposalId: string): Promise<LockedProposal | null> {
  const [row] = await session.query(LOCK, [proposalId]);
  const proposal = await findProposal(session, proposalId);
  return row === undefined || proposal === null ? null : { proposal, now: milliseconds(row, 'now_ms') };
}

export async function findProposal(
  session: Pick<Session, 'query'>,
  proposalId: string,
): Promise<WalletProposal | null> {
  const [row] = await session.query(FIND, [proposalId]);
  return row === undefined ? null : parseProposal(row);
}

/** Whether the operator is an admin that is enabled; who is, stays so until the transaction ends, as do all who voted. */
export async function lockAdmins(session: Session, proposalId: string, operatorId: string): Promise<boolean> {
  const rows = await session.query(LOCK_VOTERS, [proposalId, operatorId]);
  return rows.some((row) => boolean(row, 'is_admin'));
}

/** Why it may not be carried out, in one sentence for the operator; `null`: it may. */
export async function refuseCarryOut(
  session: Session,
  { proposal, now }: LockedProposal,
  action: WalletAction,
  { proposalId, operatorId, quorum }: CarryOutAsk,
): Promise<string | null> {
  const { terms, proposedBy } = proposal;
  if (terms.action !== action) {
    return `what was proposed is to ${deed(terms.action)}, not to ${deed(action)}; name a proposal to ${deed(action)}`;
  }
  if (proposedBy !== operatorId) return `${proposedBy} proposed it, and nobody else can carry it out`;
  const ended = refuseEnded(proposal, now);
  if (ended !== null) return ended;
  if (!(await lockAdmins(session, proposalId, operatorId))) return notAdmin(operatorId);
  const counted = (await findProposal(session, proposalId))?.votes.filter(({ counts }) => counts).length ?? 0;
  if (counted >= quorum) return null;
  return `it has ${counted} of the ${quorum} votes that it takes, of different admins that are enabled now; have more admins vote for it`;
}

export function refuseEnded({ carriedOutAt, expiresAt }: WalletProposal, now: number): string | null {
  if (carriedOutAt !== null) return `it was carried out at ${iso(carriedOutAt)}; propose it again to do it again`;
  return now < expiresAt ? null : `its time was over at ${iso(expiresAt)}; propose it again`;
}

export function notAdmin(operatorId: string): string {
  return `${operatorId} is no operator with the role admin that is enabled`;
}

export async function setCarriedOut(session: Session, proposalId: string): Promise<WalletProposal> {
  await session.query(SET_CARRIED_OUT, [proposalId]);
  const proposal = await findProposal(session, proposalId);
  if (proposal === null) throw new Error('a proposal that is locked is gone');
  return proposal;
}

function deed(action: WalletAction): string {
  switch (action) {
    case 'destroy':
      return 'destroy the wallet';
    case 'export':
      return 'export the key of the wallet';
    case 'import':
      return 'import the key of the wallet';
    default:
      return assertNever(action);
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
