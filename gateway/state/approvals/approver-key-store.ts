// Owns the public keys with which operators sign votes.

import type { ApproverKeyRecord, ApproverKeyStore } from '../contract/approval-store.ts';
import type { RightsTransactions } from '../principals/rights-transactions.ts';
import type { Database, Statement } from '../sql/database.ts';
import { milliseconds, millisecondsOrNull, type Row, text } from '../sql/row.ts';

const COLUMNS = 'public_key, operator_id, created_at_ms, revoked_at_ms';

const INSERT: Statement = {
  name: 'insert_approver_key',
  text: `INSERT INTO approver_keys (public_key, operator_id)
    SELECT $1, principal_id FROM principals WHERE principal_id = $2 AND kind = 'operator' AND disabled_at_ms IS NULL
    ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
};
const FIND: Statement = {
  name: 'find_approver_key',
  text: `SELECT ${COLUMNS} FROM approver_keys WHERE public_key = $1`,
};
const LIST: Statement = {
  name: 'list_approver_keys',
  text: `SELECT ${COLUMNS} FROM approver_keys WHERE $1::text IS NULL OR operator_id = $1 ORDER BY created_at_ms, public_key`,
};
// The version of the controls grows with it (migrations/0017).
const REVOKE: Statement = {
  name: 'revoke_approver_key',
  text: `UPDATE approver_keys SET revoked_at_ms = clock_ms() WHERE public_key = $1 AND revoked_at_ms IS NULL RETURNING true AS revoked`,
};

export function createApproverKeyStore(
  database: Database,
  { holding, changing }: RightsTransactions,
  controlsChanged: () => Promise<void>,
): ApproverKeyStore {
  return {
    register: ({ publicKey, operatorId }, audit) =>
      holding<ApproverKeyRecord | 'not_found' | 'exists'>(audit, async (session) => {
        const [made] = await session.query(INSERT, [publicKey, operatorId]);
        if (made !== undefined) return { changed: true, value: parseKey(made) };
        const [known] = await session.query(FIND, [publicKey]);
        return { changed: false, value: known === undefined ? 'not_found' : 'exists' };
      }),
    async list(operatorId) {
      return (await database.query(LIST, [operatorId])).map(parseKey);
    },
    async revoke(publicKey, audit) {
      const revoked = await changing<ApproverKeyRecord | 'not_found'>(audit, async (session) => {
        const changed = (await session.query(REVOKE, [publicKey])).length > 0;
        const [row] = await session.query(FIND, [publicKey]);
        return { changed, value: row === undefined ? 'not_found' : parseKey(row) };
      });
      await controlsChanged();
      return revoked;
    },
  };
}

function parseKey(row: Row): ApproverKeyRecord {
  return {
    publicKey: text(row, 'public_key'),
    operatorId: text(row, 'operator_id'),
    createdAt: milliseconds(row, 'created_at_ms'),
    revokedAt: millisecondsOrNull(row, 'revoked_at_ms'),
  };
}
