// Owns the record of the wallets that are made through the gateway, put together.
import type { ManagedWalletStore } from '../contract/managed-wallet-store.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Database, Statement } from '../sql/database.ts';
import { milliseconds, text } from '../sql/row.ts';
import { activateWallet } from './activate-wallet.ts';
import { openActiveWallets } from './active-wallets.ts';
import { findProposal } from './agreed-proposal.ts';
import { beginWallet } from './begin-wallet.ts';
import { beginExport, destroyWallet } from './carry-out.ts';
import { findManagedWallet, MANAGED_WALLET_COLUMNS, parseManagedWallet } from './managed-wallet-row.ts';
import { noteKeyDestroyed } from './note-key-destroyed.ts';
import { propose, voteFor } from './propose.ts';
import { PROPOSAL_COLUMNS, parseProposal } from './wallet-proposal-row.ts';

const MOST_LISTED = 1_000;

const LIST: Statement = {
  name: 'list_managed_wallets',
  text: `SELECT ${MANAGED_WALLET_COLUMNS} FROM managed_wallets m WHERE $1::text IS NULL OR m.wallet_id > $1 ORDER BY m.wallet_id LIMIT $2`,
};
const COUNT_BY_TEMPLATE: Statement = {
  name: 'count_managed_wallets_by_template',
  text: `SELECT template, count(*) AS wallets FROM managed_wallets WHERE state <> 'DESTROYED' GROUP BY template`,
};
const KEYS_LEFT: Statement = {
  name: 'keys_left_of_destroyed_wallets',
  text: `SELECT wallet_id, count(*) OVER () AS wallets FROM managed_wallets
    WHERE state = 'DESTROYED' AND key_destroyed_detail IS NULL AND key_note_by IS NULL ORDER BY destroyed_at_ms, wallet_id LIMIT 5`,
};
const DESTROYED_AMONG: Statement = {
  name: 'destroyed_among_managed_wallets',
  text: `SELECT wallet_id FROM managed_wallets WHERE wallet_id = ANY ($1) AND state = 'DESTROYED'`,
};
const LIST_PROPOSALS: Statement = {
  name: 'list_wallet_proposals',
  isListing: true,
  text: `SELECT ${PROPOSAL_COLUMNS} FROM wallet_proposals p
    WHERE NOT $1 OR (p.carried_out_at_ms IS NULL AND p.expires_at_ms > clock_ms()) ORDER BY p.position DESC LIMIT ${MOST_LISTED}`,
};
const KEY_DESTROYED: Statement = {
  name: 'key_of_managed_wallet_destroyed',
  text: `UPDATE managed_wallets SET key_destroyed_detail = $2
    WHERE wallet_id = $1 AND state = 'DESTROYED' AND key_destroyed_detail IS NULL RETURNING true AS changed`,
};

/** Throws STORE_UNAVAILABLE while Postgres is away. */
export async function openManagedWalletStore(
  database: Database,
  audited: AuditedTransaction,
  signals: ChangeSignals,
  log: (line: string) => void,
): Promise<ManagedWalletStore> {
  const active = await openActiveWallets(database, signals, log);
  /** What was committed is committed, whether or not it can be looked at now. */
  async function afterChange<T>(result: T): Promise<T> {
    signals.controlsChanged();
    await active.refresh().catch(() => undefined);
    return result;
  }
  return {
    active: active.current,
    onChange: active.onChange,
    refresh: active.refresh,
    find: (walletId) => findManagedWallet(database, walletId),
    list: async ({ after, limit }) => (await database.query(LIST, [after, limit])).map(parseManagedWallet),
    async countByTemplate() {
      const rows = await database.query(COUNT_BY_TEMPLATE, []);
      return new Map(rows.map((row) => [text(row, 'template'), milliseconds(row, 'wallets')]));
    },
    async keysLeft() {
      const rows = await database.query(KEYS_LEFT, []);
      const [first] = rows;
      const count = first === undefined ? 0 : milliseconds(first, 'wallets');
      return { count, wallets: rows.map((row) => text(row, 'wallet_id')) };
    },
    async destroyedAmong(walletIds) {
      if (walletIds.length === 0) return new Set();
      const rows = await database.query(DESTROYED_AMONG, [[...walletIds]]);
      return new Set(rows.map((row) => text(row, 'wallet_id')));
    },
    begin: (ask, audit) => audited(audit, (session) => beginWallet(session, ask)),
    activate: async (walletId, key, proposalId, audit) =>
      afterChange(await audited(audit, (session) => activateWallet(session, walletId, key, proposalId))),
    destroy: async (ask, audit) => afterChange(await audited(audit, (session) => destroyWallet(session, ask))),
    async keyDestroyed(walletId, detail, audit) {
      await audited(audit, async (session) => {
        const changed = (await session.query(KEY_DESTROYED, [walletId, detail])).length > 0;
        return { changed, value: undefined };
      });
    },
    noteKeyDestroyed: (ask, audit) => audited(audit, (session) => noteKeyDestroyed(session, ask)),
    beginExport: (ask, audit) => audited(audit, (session) => beginExport(session, ask)),
    propose: (ask, audit) => audited(audit, (session) => propose(session, ask)),
    vote: (ask, audit) => audited(audit, (session) => voteFor(session, ask)),
    findProposal: (proposalId) => findProposal(database, proposalId),
    listProposals: async ({ open }) => (await database.query(LIST_PROPOSALS, [open])).map(parseProposal),
  };
}
