// Owns the audit chain in the record: appended by group commit, read in order.
import type { AuditRecord } from '../../core/audit/audit-record.ts';
import { bodyOf } from '../commit/body-of.ts';
import type { CommitQueue } from '../commit/commit-queue.ts';
import type { AuditPosition, AuditStore, PruneResult } from '../contract/audit-store.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import type { AuditedOutcome, AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Database, Session } from '../sql/database.ts';
import { bigint, bytes, type Row } from '../sql/row.ts';

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

const ANCHOR = {
  name: 'audit_anchor',
  text: 'SELECT sequence, hash FROM audit_anchors ORDER BY sequence DESC LIMIT 1',
};
const ADD_ANCHOR = {
  name: 'add_audit_anchor',
  text: 'INSERT INTO audit_anchors (sequence, hash, pruned_by) VALUES ($1, $2, $3)',
};
// Two that prune at once: the second sees what the first did.
const LOCK_ANCHORS = { name: 'lock_audit_anchors', text: 'LOCK TABLE audit_anchors IN SHARE ROW EXCLUSIVE MODE' };

export function createAuditStore(
  database: Database,
  queue: CommitQueue,
  signals: ChangeSignals,
  audited: AuditedTransaction,
): AuditStore {
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
    anchor: () => anchorOf(database),
    prune: (ask, audit) => audited(audit, (session) => prune(session, ask)),
    onAppend: (callback) => signals.onAppend(callback),
  };
}

async function anchorOf(session: Session): Promise<AuditPosition | null> {
  const [row] = await session.query(ANCHOR, []);
  return row === undefined ? null : { sequence: bigint(row, 'sequence'), hash: bytes(row, 'hash') };
}

async function prune(
  session: Session,
  { sequence, hash, by }: AuditPosition & { readonly by: string },
): Promise<AuditedOutcome<PruneResult>> {
  await session.query(LOCK_ANCHORS, []);
  const anchor = await anchorOf(session);
  const unchanged = (value: PruneResult) => ({ value, changed: false });
  if (anchor !== null && anchor.sequence >= sequence) return unchanged({ kind: 'pruned_before', anchor });
  const [row] = sequence > MAX_SEQUENCE ? [] : await session.query(GET, [sequence]);
  if (row === undefined) return unchanged({ kind: 'not_found' });
  if (!Buffer.from(hash).equals(bytes(row, 'hash'))) return unchanged({ kind: 'other_hash' });
  await session.query(ADD_ANCHOR, [sequence, Buffer.from(hash), by]);
  return { value: { kind: 'pruned' }, changed: true };
}

function parseRecord(row: Row): AuditRecord {
  return {
    sequence: bigint(row, 'sequence'),
    previousHash: bytes(row, 'previous_hash'),
    hash: bytes(row, 'hash'),
    body: bytes(row, 'body'),
  };
}
