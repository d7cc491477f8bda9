// Owns the API keys of the record; of a secret it knows only the SHA-256.

import type { ApiKeyRecord, PrincipalStore } from '../contract/principal-store.ts';
import type { Database, Statement } from '../sql/database.ts';
import { API_KEY_COLUMNS, PRINCIPAL_COLUMNS, parseApiKey, parseGained, parsePrincipal } from '../sql/principal-row.ts';
import { bigint, boolean, bytes, milliseconds } from '../sql/row.ts';
import type { RightsTransactions } from './rights-transactions.ts';

export type ApiKeyStore = Pick<PrincipalStore, 'createKey' | 'listKeys' | 'revokeKey' | 'findByKey'>;

// A principal that was shut out gets no new key.
const INSERT: Statement = {
  name: 'insert_api_key',
  text: `INSERT INTO api_keys (key_id, principal_id, secret_hash)
    SELECT $1, principal_id, $3::bytea FROM principals WHERE principal_id = $2 AND disabled_at_ms IS NULL
    RETURNING ${API_KEY_COLUMNS}`,
};
const LIST: Statement = {
  name: 'list_api_keys',
  text: `SELECT ${API_KEY_COLUMNS} FROM api_keys WHERE $1::text IS NULL OR principal_id = $1 ORDER BY created_at_ms, key_id`,
};
const FIND: Statement = { name: 'find_api_key', text: `SELECT ${API_KEY_COLUMNS} FROM api_keys WHERE key_id = $1` };
const REVOKE: Statement = {
  name: 'revoke_api_key',
  text: `UPDATE api_keys SET revoked_at_ms = clock_ms() WHERE key_id = $1 AND revoked_at_ms IS NULL RETURNING true AS revoked`,
};
// Where the controls are held alone, as where admins are changed and shut out, so that two do not take each other's at once.
const IS_LAST_ADMIN_KEY: Statement = {
  name: 'is_last_admin_key',
  text: `SELECT coalesce(bool_or(k.key_id = $1) AND bool_and(k.key_id = $1), false) AS is_last
    FROM api_keys k JOIN principals p USING (principal_id)
    WHERE k.revoked_at_ms IS NULL AND is_admin(p.roles, p.disabled_at_ms)`,
};
const FIND_PRINCIPAL: Statement = {
  name: 'find_principal_by_key',
  text: `SELECT k.secret_hash, greatest(k.created_at_ms, p.created_at_ms) AS since_ms, p.gained, ${PRINCIPAL_COLUMNS} FROM api_keys k JOIN principals p USING (principal_id)
    WHERE k.key_id = $1 AND k.revoked_at_ms IS NULL AND p.disabled_at_ms IS NULL`,
};

export function createApiKeyStore(database: Database, { holding, changing }: RightsTransactions): ApiKeyStore {
  return {
    createKey: (key, audit) =>
      holding<ApiKeyRecord | 'not_found'>(audit, async (session) => {
        const [row] = await session.query(INSERT, [key.keyId, key.principalId, key.secretHash]);
        if (row === undefined) return { changed: false, value: 'not_found' };
        return { changed: true, value: parseApiKey(row) };
      }),
    async listKeys(principalId) {
      return (await database.query(LIST, [principalId])).map(parseApiKey);
    },
    revokeKey: (keyId, audit) =>
      changing<ApiKeyRecord | 'not_found' | 'last_admin_key'>(audit, async (session) => {
        const [last] = await session.query(IS_LAST_ADMIN_KEY, [keyId]);
        if (last !== undefined && boolean(last, 'is_last')) return { changed: false, value: 'last_admin_key' };
        const changed = (await session.query(REVOKE, [keyId])).length > 0;
        const [row] = await session.query(FIND, [keyId]);
        return { changed, value: row === undefined ? 'not_found' : parseApiKey(row) };
      }),
    async findByKey(keyId) {
      const [row] = await database.query(FIND_PRINCIPAL, [keyId]);
      if (row === undefined) return null;
      const principal = parsePrincipal(row);
      const since = milliseconds(row, 'since_ms');
      const caller =
        principal.kind === 'operator'
          ? { ...principal, since, gained: parseGained(row), revision: bigint(row, 'revision') }
          : principal;
      return { principal: caller, secretHash: bytes(row, 'secret_hash') };
    },
  };
}
