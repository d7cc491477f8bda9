// Owns the session keys of the record: made, looked up with all that they come from, and revoked.
import { GatewayError } from '../../core/errors.ts';
import { SESSION_METHODS, type Session, type SessionMethod } from '../../core/principal/session.ts';
import type {
  CreateSessionKeyResult,
  NewSessionKey,
  SessionKeyRecord,
  SessionKeyStore,
} from '../contract/session-key-store.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Session as Connection, Database, Statement } from '../sql/database.ts';
import { limitsJson, parseLimitsColumn } from '../sql/decision-json.ts';
import { bytes, milliseconds, millisecondsOrNull, type Row, text, textList } from '../sql/row.ts';

/** What an agent may have valid at once, so that no agent fills the record. */
const MOST_VALID = 1_000;
const MOST_LISTED = 1_000;

/** When it, or a key that it comes from, was revoked first. */
const REVOKED = `least(s.revoked_at_ms,
  (SELECT min(a.revoked_at_ms) FROM api_keys a WHERE a.key_id = ANY (s.lineage)),
  (SELECT min(x.revoked_at_ms) FROM session_keys x WHERE x.key_id = ANY (s.lineage)))`;

const COLUMNS = `s.key_id, s.agent_id, s.lineage, s.wallets, s.methods, s.limits, s.created_at_ms, s.expires_at_ms,
  ${REVOKED} AS revoked_at_ms`;

// Held until the end: keys of one agent are made one after the other, so that they are counted.
const LOCK_AGENT: Statement = {
  name: 'lock_agent',
  text: `SELECT true AS locked FROM principals
    WHERE principal_id = $1 AND kind = 'agent' AND disabled_at_ms IS NULL FOR NO KEY UPDATE`,
};
const COUNT_VALID: Statement = {
  name: 'count_valid_session_keys',
  text: `SELECT clock_ms() AS now_ms, count(*) AS valid FROM session_keys
    WHERE agent_id = $1 AND expires_at_ms > clock_ms() AND revoked_at_ms IS NULL`,
};
const INSERT: Statement = {
  name: 'insert_session_key',
  text: `INSERT INTO session_keys (key_id, agent_id, secret_hash, lineage, wallets, methods, limits, created_at_ms, expires_at_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
};
const FIND: Statement = {
  name: 'find_session_key',
  text: `SELECT ${COLUMNS} FROM session_keys s WHERE s.key_id = $1`,
};
const FIND_VALID: Statement = {
  name: 'find_valid_session_key',
  text: `SELECT ${COLUMNS}, s.secret_hash,
      ARRAY(SELECT b.wallet_id FROM wallet_bindings b JOIN wallets w USING (wallet_id)
            WHERE b.agent_id = s.agent_id AND w.retired_at_ms IS NULL ORDER BY 1) AS agent_wallets
    FROM session_keys s JOIN principals p ON p.principal_id = s.agent_id
    WHERE s.key_id = $1 AND p.disabled_at_ms IS NULL AND s.expires_at_ms > clock_ms() AND ${REVOKED} IS NULL`,
};
const LIST: Statement = {
  name: 'list_session_keys',
  isListing: true,
  text: `SELECT ${COLUMNS} FROM session_keys s
    WHERE ($1::text IS NULL OR s.agent_id = $1) AND ($2::text IS NULL OR s.lineage @> ARRAY[$2])
      AND ($3 OR (s.expires_at_ms > clock_ms() AND ${REVOKED} IS NULL))
    ORDER BY s.created_at_ms DESC, s.key_id LIMIT ${MOST_LISTED}`,
};
const REVOKE: Statement = {
  name: 'revoke_session_key',
  text: `UPDATE session_keys SET revoked_at_ms = clock_ms()
    WHERE key_id = $1 AND revoked_at_ms IS NULL AND ($2::text IS NULL OR lineage @> ARRAY[$2]) RETURNING true AS revoked`,
};

const REMOVE: Statement = { name: 'remove_session_key', text: 'DELETE FROM session_keys WHERE key_id = $1' };

export function createSessionKeyStore(database: Database, audited: AuditedTransaction): SessionKeyStore {
  return {
    create: (key, audit) =>
      audited<CreateSessionKeyResult>(audit, async (session) => {
        const value = await insert(session, key);
        return { changed: value.kind === 'created', value };
      }),
    async list({ agentId, under, ended }) {
      return (await database.query(LIST, [agentId, under, ended])).map(parseSessionKey);
    },
    revoke: (keyId, under, audit) =>
      audited<SessionKeyRecord | 'not_found'>(audit, async (session) => {
        const changed = (await session.query(REVOKE, [keyId, under])).length > 0;
        const record = await find(session, keyId);
        if (record === null || (under !== null && !record.session.lineage.includes(under))) {
          return { changed: false, value: 'not_found' };
        }
        return { changed, value: record };
      }),
    find: (keyId) => find(database, keyId),
    async findByKey(keyId) {
      const [row] = await database.query(FIND_VALID, [keyId]);
      if (row === undefined) return null;
      const wallets = textList(row, 'agent_wallets');
      return {
        agent: { kind: 'agent', id: text(row, 'agent_id'), wallets },
        session: parseSession(row),
        secretHash: bytes(row, 'secret_hash'),
      };
    },
  };
}

async function insert(session: Connection, key: NewSessionKey): Promise<CreateSessionKeyResult> {
  const [agent] = await session.query(LOCK_AGENT, [key.agentId]);
  const [counted] = await session.query(COUNT_VALID, [key.agentId]);
  if (agent === undefined || counted === undefined) return { kind: 'not_found' };
  if (milliseconds(counted, 'valid') >= MOST_VALID) return { kind: 'too_many' };
  const now = milliseconds(counted, 'now_ms');
  const notAfter = key.notAfter ?? Number.MAX_SAFE_INTEGER;
  const wanted = now + key.lifetimeMs;
  if (notAfter <= now || (key.isLifetimeAsked && wanted > notAfter)) return { kind: 'outlives_parent' };
  const { keyId, agentId, secretHash, lineage, wallets, methods, limits } = key;
  const expiresAt = Math.min(wanted, notAfter);
  const values = [keyId, agentId, secretHash, lineage, wallets, methods, limitsJson(limits), now, expiresAt];
  await session.query(INSERT, values);
  const record = await find(session, keyId);
  if (record === null) throw new GatewayError('INTERNAL', 'a session key that was just made is not there');
  // It could not be used, but nobody should think that it can.
  if (record.revokedAt !== null) {
    await session.query(REMOVE, [keyId]);
    return { kind: 'not_found' };
  }
  return { kind: 'created', record };
}

async function find(session: Connection, keyId: string): Promise<SessionKeyRecord | null> {
  const [row] = await session.query(FIND, [keyId]);
  return row === undefined ? null : parseSessionKey(row);
}

function parseSessionKey(row: Row): SessionKeyRecord {
  return {
    agentId: text(row, 'agent_id'),
    session: parseSession(row),
    createdAt: milliseconds(row, 'created_at_ms'),
    revokedAt: millisecondsOrNull(row, 'revoked_at_ms'),
  };
}

function parseSession(row: Row): Session {
  return {
    keyId: text(row, 'key_id'),
    lineage: textList(row, 'lineage'),
    wallets: textList(row, 'wallets'),
    methods: textList(row, 'methods').map(parseMethod),
    limits: parseLimitsColumn(row.limits),
    expiresAt: milliseconds(row, 'expires_at_ms'),
  };
}

function parseMethod(value: string): SessionMethod {
  const found = SESSION_METHODS.find((method) => method === value);
  if (found !== undefined) return found;
  throw new GatewayError('INTERNAL', `the database column methods should hold only ${SESSION_METHODS.join(', ')}`);
}
