// Owns how far each wallet was compared with the chain, and what was found there that the gateway did not sign.

import { REQUEST_STATES } from '../../core/request/request-state.ts';
import type { WalletCheck, WalletCheckStore } from '../contract/wallet-check-store.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Database, Statement } from '../sql/database.ts';
import { parseCustody } from '../sql/key-custody.ts';
import { milliseconds, millisecondsOrNull, oneOf, type Row, text, textOrNull } from '../sql/row.ts';

const COLUMNS =
  'wallet_id, checked_at_ms, compared_signature, foreign_count, foreign_signature, foreign_at_ms, problem';

const ADD: Statement = {
  name: 'add_wallet_checks',
  text: `INSERT INTO wallet_checks (wallet_id, due_at_ms) SELECT w.wallet_id, 0 FROM wallets w
    WHERE w.wallet_id = ANY ($1) AND NOT EXISTS (SELECT FROM wallet_checks c WHERE c.wallet_id = w.wallet_id)
    ON CONFLICT DO NOTHING`,
};
const CLAIM: Statement = {
  name: 'claim_wallet_checks',
  text: `WITH due AS MATERIALIZED (
      SELECT wallet_id AS id FROM wallet_checks WHERE wallet_id = ANY ($1) AND due_at_ms <= clock_ms()
      ORDER BY due_at_ms, wallet_id LIMIT $2 FOR UPDATE SKIP LOCKED)
    UPDATE wallet_checks SET due_at_ms = clock_ms() + $3 FROM due WHERE wallet_id = due.id RETURNING ${COLUMNS}`,
};
const LIST: Statement = {
  name: 'list_wallet_checks',
  text: `SELECT ${COLUMNS} FROM wallet_checks WHERE wallet_id = ANY ($1) ORDER BY wallet_id`,
};
// Each part has an index of its own.
const SIGNED = `SELECT wallet_signature AS signature, method, message_digest FROM requests WHERE wallet_signature = ANY ($1)
    UNION ALL SELECT transaction_signature, method, message_digest FROM requests
      WHERE transaction_signature = ANY ($1) AND transaction_signature <> wallet_signature
    UNION ALL SELECT transaction_signature, method, message_digest FROM requests
      WHERE transaction_signature = ANY ($1) AND wallet_signature IS NULL`;
const KNOWN: Statement = {
  name: 'known_signatures',
  text: `SELECT DISTINCT s.signature FROM (${SIGNED}) s`,
};
const MESSAGES: Statement = {
  name: 'messages_of_signatures',
  text: `SELECT s.signature, encode(s.message_digest, 'hex') AS digest FROM (${SIGNED}) s WHERE s.method <> 'sign_message'`,
};
// By the index of what is due: few requests are.
const UNSIGNED: Statement = {
  name: 'unsigned_message',
  text: `SELECT DISTINCT state, keys_in_process FROM requests
    WHERE due_at_ms IS NOT NULL AND wallet_id = $1 AND message_digest = $2 AND wallet_signature IS NULL AND state = ANY ($3)`,
};
const COMPARED: Statement = {
  name: 'wallet_compared',
  text: `UPDATE wallet_checks SET checked_at_ms = clock_ms(), compared_signature = coalesce($2, compared_signature), problem = NULL
    WHERE wallet_id = $1`,
};
const FAILED: Statement = {
  name: 'wallet_not_compared',
  text: 'UPDATE wallet_checks SET problem = $2 WHERE wallet_id = $1',
};
const FOREIGN: Statement = {
  name: 'wallet_moved_elsewhere',
  text: `UPDATE wallet_checks SET foreign_count = foreign_count + 1, foreign_signature = $2, foreign_at_ms = clock_ms()
    WHERE wallet_id = $1 AND foreign_signature IS DISTINCT FROM $2 RETURNING true AS changed`,
};

export function createWalletCheckStore(database: Database, audited: AuditedTransaction): WalletCheckStore {
  return {
    async claim(walletIds, limit, intervalMs) {
      await database.query(ADD, [walletIds]);
      return (await database.query(CLAIM, [walletIds, limit, intervalMs])).map(parseCheck);
    },
    list: async (walletIds) => (await database.query(LIST, [walletIds])).map(parseCheck),
    async known(signatures) {
      const rows = await database.query(KNOWN, [signatures]);
      return new Set(rows.map((row) => text(row, 'signature')));
    },
    async messagesOf(signatures) {
      if (signatures.length === 0) return new Map();
      const rows = await database.query(MESSAGES, [signatures]);
      return new Map(rows.map((row) => [text(row, 'signature'), text(row, 'digest')]));
    },
    async unsigned(walletId, messageDigest, states) {
      const rows = await database.query(UNSIGNED, [walletId, Buffer.from(messageDigest), states]);
      return rows.map((row) => ({ state: oneOf(row, 'state', REQUEST_STATES), custody: parseCustody(row) }));
    },
    async compared(walletId, signature) {
      await database.query(COMPARED, [walletId, signature]);
    },
    async failed(walletId, problem) {
      await database.query(FAILED, [walletId, problem]);
    },
    foundForeign: (walletId, signature, audit) =>
      audited<boolean>(audit, async (session) => {
        const changed = (await session.query(FOREIGN, [walletId, signature])).length > 0;
        return { changed, value: changed };
      }),
  };
}

function parseCheck(row: Row): WalletCheck {
  return {
    walletId: text(row, 'wallet_id'),
    checkedAt: millisecondsOrNull(row, 'checked_at_ms'),
    comparedSignature: textOrNull(row, 'compared_signature'),
    foreign: milliseconds(row, 'foreign_count'),
    foreignSignature: textOrNull(row, 'foreign_signature'),
    foreignAt: millisecondsOrNull(row, 'foreign_at_ms'),
    problem: textOrNull(row, 'problem'),
  };
}
