// Owns the method of AdminService that removes old audit records.
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { AuditPruning } from '../../pipeline/administration/audit-pruning.ts';
import { type BoundMethod, unary } from '../bound-method.ts';
import { bytesField, refuseField, sequenceField } from '../fields.ts';

export function pruneMethod(pruning: AuditPruning): BoundMethod<Operator> {
  return unary(AdminService.method.pruneAuditRecords, async ({ throughSequence, hash }, { principal }) => {
    if (throughSequence === 0n) refuseField('through_sequence', 'at least 1', '0');
    const sequence = sequenceField('through_sequence', throughSequence);
    await pruning.prune(principal, { sequence, hash: bytesField('hash', hash, 32, 'a SHA-256') });
    return {};
  });
}
