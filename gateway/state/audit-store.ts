// Owns the audit chain in the record: appended by group commit, read in order.
import type { AuditRecord } from '../core/audit/audit-record.ts';
import type { ChangeSignals } from './change-signals.ts';
import { bodyOf } from './commit/body-of.ts';
import type { CommitQueue } from './commit/commit-queue.ts';

import type { Database } from './sql/database.ts';
import { bigint, bytes, type Row } from './sql/row.ts';
import type { AuditStore } from './state.ts';

const GET = {
  name: 'get_audit_record',
  text: 'SELECT sequence, previous_hash, hash, body FROM audit_records WHERE sequence = $1',
};
const READ_AFTER = {
  name: 'read_audit_records',
  text: 'SELECT sequence, previous_hash, hash, body FROM audit_records WHERE sequence > $1 ORDER BY sequence LIMIT $2',
};
const HEAD = { name: 'audit_head', text: 'SELECT sequence, hash FROM audit_head WHERE sequence > 0' };

const MAX_SEQUENCE = 0x7fff_ffff_ffff_ffffn;

export function createAuditStore(database: Database, queue: CommitQueue, signals: ChangeSignals): AuditStore {
  return {
    async append(entry) {
      await queue.submit({ kind: 'append', auditBody: bodyOf(entry) });
    },
    async get(sequence) {
      if (sequence < 1n || sequence > MAX_SEQUENCE) return null;
      const [row] = await database.query(GET, [sequence]);
      return row === undefined ? null : parseRecord(row);
    },
    async readAfter(sequence, limit) {
      if (sequence >= MAX_SEQUENCE) return [];
      return (await database.query(READ_AFTER, [sequence, limit])).map(parseRecord);
    },
    async head() {
      const [row] = await database.query(HEAD, []);
      return row === undefined ? null : { sequence: bigint(row, 'sequence'), hash: bytes(row, 'hash') };
    },
    onAppend: (callback) => signals.onAppend(callback),
  };
}

function parseRecord(row: Row): AuditRecord {
  return {
    sequence: bigint(row, 'sequence'),
    previousHash: bytes(row, 'previous_hash'),
    hash: bytes(row, 'hash'),
    body: bytes(row, 'body'),
  };
}
