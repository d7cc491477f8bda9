// Owns how an audit entry becomes the bytes that are committed, and the fault where it has none.
import { auditBody } from '../../core/audit/audit-chain.ts';
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import { GatewayError } from '../../core/errors.ts';

/** Throws INVALID_FIELD where an entry has no canonical form: what an agent says may stand in it. */
export function bodyOf(entry: AuditEntry): Uint8Array {
  try {
    return auditBody(entry);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no canonical form';
    throw new GatewayError('INVALID_FIELD', `the audit record of ${entry.kind} cannot be written: ${why}`);
  }
}
