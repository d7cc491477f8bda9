// Owns a transaction that ends with an audit record: for writes that are rare and look before they write.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { ChangeSignals } from '../change-signals.ts';
import { bodyOf } from '../commit/body-of.ts';
import { byteaArray } from './binary-array.ts';
import type { Database, Session } from './database.ts';

export interface AuditedOutcome<T> {
  readonly value: T;
  /** `false`: nothing changed, so nothing is recorded. */
  readonly changed: boolean;
}

export type AuditedTransaction = <T>(
  audit: AuditEntry,
  work: (session: Session) => Promise<AuditedOutcome<T>>,
) => Promise<T>;

// Taken first by every write to the record, so that none waits for another in a circle.
const LOCK_HEAD = { name: 'lock_audit_head', text: 'SELECT 1 FROM audit_head FOR UPDATE' };
const APPEND = { name: 'append_audit', text: 'SELECT append_audit($1)' };

export function createAuditedTransaction(database: Database, signals: ChangeSignals): AuditedTransaction {
  return async (audit, work) => {
    const body = bodyOf(audit);
    const outcome = await database.transaction(async (session) => {
      await session.query(LOCK_HEAD, []);
      const done = await work(session);
      if (done.changed) await session.query(APPEND, [byteaArray([body])]);
      return done;
    });
    if (outcome.changed) signals.appended();
    return outcome.value;
  };
}
