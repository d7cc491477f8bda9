// Owns the intent to have a wallet with a key that is made, or brought: recorded once, before any backend is asked.
import { GatewayError } from '../../core/errors.ts';
import type { ManagedWallet } from '../../core/wallet/managed-wallet.ts';
import type { BeginAsk, BeginResult } from '../contract/managed-wallet-store.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { milliseconds } from '../sql/row.ts';
import { lockProposal, refuseCarryOut } from './agreed-proposal.ts';
import { findKeyImport, type KeyImport, otherImport } from './key-import.ts';
import { findManagedWallet } from './managed-wallet-row.ts';
import { LOCK_WALLETS, refuseConfigured, refuseTakenKey } from './taken.ts';

const COUNT: Statement = {
  name: 'count_managed_wallets',
  text: `SELECT count(*) AS wallets FROM managed_wallets WHERE template = $1 AND state <> 'DESTROYED'`,
};
const INSERT: Statement = {
  name: 'insert_managed_wallet',
  text: `INSERT INTO managed_wallets (wallet_id, template, backend, state, label, created_by, proposal_id)
    VALUES ($1, $2, $3, 'CREATING', $4, $5, $6)`,
};
const SET_PROPOSAL: Statement = {
  name: 'set_proposal_of_managed_wallet',
  text: 'UPDATE managed_wallets SET proposal_id = $2 WHERE wallet_id = $1',
};

/** Runs inside a transaction. */
export async function beginWallet(session: Session, ask: BeginAsk): Promise<AuditedOutcome<BeginResult>> {
  await session.query(LOCK_WALLETS, []);
  const earlier = await findManagedWallet(session, ask.walletId);
  return earlier === null ? beginNew(session, ask) : beginAgain(session, ask, earlier);
}

async function beginNew(session: Session, ask: BeginAsk): Promise<AuditedOutcome<BeginResult>> {
  const { walletId, template, backend, label, createdBy, proposal } = ask;
  const reason =
    (await refuseConfigured(session, walletId)) ??
    (await refuseImport(session, ask, null)) ??
    (await refuseFull(session, ask));
  if (reason !== null) return refused(reason);
  await session.query(INSERT, [walletId, template, backend, label, createdBy, proposal?.proposalId ?? null]);
  const wallet = await findManagedWallet(session, walletId);
  if (wallet === null) throw new Error('a managed wallet that was just written is not there');
  return { changed: true, value: { kind: 'begun', wallet, isNew: true } };
}

async function beginAgain(
  session: Session,
  ask: BeginAsk,
  wallet: ManagedWallet,
): Promise<AuditedOutcome<BeginResult>> {
  const { walletId, proposal } = ask;
  const earlier = await findKeyImport(session, walletId);
  const isSame = (earlier?.proposalId ?? null) === (proposal?.proposalId ?? null);
  const reason = refuseOther(ask, wallet, earlier, isSame);
  if (reason !== null) return refused(reason);
  if (wallet.state === 'CREATING' && proposal !== null) {
    const refusal = await refuseImport(session, ask, earlier);
    if (refusal !== null) return refused(refusal);
    await session.query(SET_PROPOSAL, [walletId, proposal.proposalId]);
  }
  return { changed: !isSame, value: { kind: 'begun', wallet, isNew: false } };
}

/** `null`: it may be the same wallet that is asked for. */
function refuseOther(
  { walletId, template, backend, proposal }: BeginAsk,
  wallet: ManagedWallet,
  earlier: KeyImport | null,
  isSame: boolean,
): string | null {
  if (wallet.state === 'DESTROYED') {
    return `the wallet ${walletId} is destroyed, and an id is of one wallet for ever; choose another`;
  }
  if (wallet.template !== template) {
    return `the wallet ${walletId} is of the template ${wallet.template}; name that one, or choose another id`;
  }
  if (wallet.state === 'CREATING' && wallet.backend !== null && wallet.backend !== backend) {
    return `the wallet ${walletId} was begun with ${wallet.backend}, which may have made its key, and the template ${template} is of the type ${backend} now; destroy it to give it up, and choose another id`;
  }
  if (wallet.state === 'ACTIVE' && !isSame) return `the wallet ${walletId} is there already; choose another id`;
  if (earlier === null && proposal !== null) {
    return `the key of the wallet ${walletId} is being made by its backend; create the wallet again to go on, or choose another id to import to`;
  }
  return earlier !== null && proposal === null ? otherImport(walletId, earlier) : null;
}

/** `null`: it is no import, or one that is agreed. */
async function refuseImport(
  session: Session,
  { walletId, template, createdBy, proposal: agreed }: BeginAsk,
  earlier: KeyImport | null,
): Promise<string | null> {
  if (agreed === null) return null;
  const locked = await lockProposal(session, agreed.proposalId);
  if (locked === null) return `there is no proposal ${agreed.proposalId}; propose the import first`;
  const reason = await refuseCarryOut(session, locked, 'import', { ...agreed, operatorId: createdBy });
  if (reason !== null) return reason;
  const { walletId: proposedFor, terms } = locked.proposal;
  if (terms.action !== 'import') throw new GatewayError('INTERNAL', 'an import was agreed that is none');
  if (proposedFor !== walletId) return `what was proposed is for the wallet ${proposedFor}, not for ${walletId}`;
  if (terms.template !== template) {
    return `what was proposed is for the template ${terms.template}, not for ${template}; propose it again`;
  }
  // What its backend has under the label may be the key of the earlier import.
  if (earlier !== null && earlier.address !== terms.address) return otherImport(walletId, earlier);
  return refuseTakenKey(session, walletId, terms.address);
}

async function refuseFull(session: Session, { template, maxWallets }: BeginAsk): Promise<string | null> {
  const [row] = await session.query(COUNT, [template]);
  const wallets = milliseconds(row ?? {}, 'wallets');
  return wallets < maxWallets
    ? null
    : `the template ${template} has ${wallets} wallets, and its max_wallets is ${maxWallets}; destroy one, or have max_wallets raised`;
}

function refused(reason: string): AuditedOutcome<BeginResult> {
  return { changed: false, value: { kind: 'refused', reason } };
}
