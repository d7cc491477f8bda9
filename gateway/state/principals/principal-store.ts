// Owns the principals of the record: created, shut out, and bound to wallets.
import type { Agent, Operator } from '../../core/principal/principal.ts';
import type { PrincipalRecord, PrincipalStore } from '../contract/principal-store.ts';
import type { Database, Session, Statement } from '../sql/database.ts';
import { PRINCIPAL_COLUMNS, parsePrincipalRecord } from '../sql/principal-row.ts';
import { boolean } from '../sql/row.ts';
import { createApiKeyStore } from './api-key-store.ts';
import { changeOperator, disablePrincipal, findPrincipal } from './change-operator.ts';
import type { RightsTransactions } from './rights-transactions.ts';

const LIST: Statement = {
  name: 'list_principals',
  text: `SELECT ${PRINCIPAL_COLUMNS} FROM principals p ORDER BY p.principal_id`,
};
const INSERT: Statement = {
  name: 'insert_principal',
  text: `INSERT INTO principals (principal_id, kind, roles, groups) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING true AS inserted`,
};
const KNOWN_WALLETS: Statement = {
  name: 'count_known_wallets',
  text: 'SELECT wallet_id FROM wallets WHERE wallet_id = ANY ($1) AND retired_at_ms IS NULL',
};
const BIND: Statement = {
  name: 'bind_wallets',
  text: `INSERT INTO wallet_bindings (agent_id, wallet_id) SELECT $1, unnest($2::text[])
    ON CONFLICT DO NOTHING RETURNING true AS bound`,
};
const UNBIND: Statement = {
  name: 'unbind_wallet',
  text: 'DELETE FROM wallet_bindings WHERE agent_id = $1 AND wallet_id = $2 RETURNING true AS unbound',
};
const HAS_OPERATOR: Statement = {
  name: 'has_operator',
  text: `SELECT EXISTS (SELECT FROM principals WHERE kind = 'operator' AND disabled_at_ms IS NULL) AS found`,
};

export function createPrincipalStore(
  database: Database,
  rights: RightsTransactions,
  /** Called behind each change of rights, which are of the controls. */
  controlsChanged: () => Promise<void>,
): PrincipalStore {
  const { holding, changing } = rights;
  return {
    ...createApiKeyStore(database, rights),
    create: (principal, audit) =>
      holding<PrincipalRecord | 'exists' | 'unknown_wallet'>(audit, async (session) => {
        if (!(await walletsAreKnown(session, principal))) return { changed: false, value: 'unknown_wallet' };
        const inserted = await insert(session, principal);
        if (inserted === null) return { changed: false, value: 'exists' };
        return { changed: true, value: inserted };
      }),
    async list() {
      return (await database.query(LIST, [])).map(parsePrincipalRecord);
    },
    async disable(principalId, audit) {
      const result = await changing(audit, (session) => disablePrincipal(session, principalId));
      await controlsChanged();
      return result;
    },
    async changeOperator(change, audit) {
      const result = await changing(audit, (session) => changeOperator(session, change));
      await controlsChanged();
      return result;
    },
    bindWallet: (agentId, walletId, audit) =>
      holding<'bound' | 'not_found'>(audit, async (session) => {
        const agent = await findPrincipal(session, agentId);
        const [wallet] = await session.query(KNOWN_WALLETS, [[walletId]]);
        if (agent?.principal.kind !== 'agent' || agent.disabledAt !== null || wallet === undefined) {
          return { changed: false, value: 'not_found' };
        }
        const bound = await session.query(BIND, [agentId, [walletId]]);
        return { changed: bound.length > 0, value: 'bound' };
      }),
    unbindWallet: (agentId, walletId, audit) =>
      holding<'unbound' | 'not_found'>(audit, async (session) => {
        const unbound = (await session.query(UNBIND, [agentId, walletId])).length > 0;
        return { changed: unbound, value: unbound ? 'unbound' : 'not_found' };
      }),
    async hasOperator() {
      const [row] = await database.query(HAS_OPERATOR, []);
      return row !== undefined && boolean(row, 'found');
    },
  };
}

async function walletsAreKnown(session: Session, principal: Agent | Operator): Promise<boolean> {
  if (principal.kind === 'operator') return true;
  const wanted = new Set(principal.wallets);
  return (await session.query(KNOWN_WALLETS, [[...wanted]])).length === wanted.size;
}

async function insert(session: Session, principal: Agent | Operator): Promise<PrincipalRecord | null> {
  const [roles, groups] = principal.kind === 'operator' ? [principal.roles, principal.groups] : [[], []];
  const inserted = await session.query(INSERT, [principal.id, principal.kind, roles, groups]);
  if (inserted.length === 0) return null;
  if (principal.kind === 'agent') await session.query(BIND, [principal.id, [...principal.wallets]]);
  return findPrincipal(session, principal.id);
}
