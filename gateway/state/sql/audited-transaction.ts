// Owns a transaction that ends with an audit record: for writes that are rare and look before they write.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import { bodyOf } from '../commit/body-of.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import { byteaArray } from './binary-array.ts';
import type { Database, Session } from './database.ts';

export interface AuditedOutcome<T> {
  readonly value: T;
  /** `false`: nothing changed, so nothing is recorded. */
  readonly changed: boolean;
  /** Records behind the one that is always written. */
  readonly also?: readonly AuditEntry[];
}

export type AuditedTransaction = <T>(
  audit: AuditEntry,
  work: (session: Session) => Promise<AuditedOutcome<T>>,
) => Promise<T>;

// Comes last in its transaction, as in every other: it takes the lock on the head of the chain.
const APPEND = { name: 'append_audit', text: 'SELECT append_audit($1)' };

export function createAuditedTransaction(database: Database, signals: ChangeSignals): AuditedTransaction {
  return async (audit, work) => {
    const body = bodyOf(audit);
    const outcome = await database.transaction(async (session) => {
      const done = await work(session);
      if (done.changed) await session.query(APPEND, [byteaArray([body, ...(done.also ?? []).map(bodyOf)])]);
      return done;
    });
    if (outcome.changed) signals.appended();
    return outcome.value;
  };
}
