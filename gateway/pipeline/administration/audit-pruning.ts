// Owns how an operator removes old audit records: only up to one whose hash is named, so that whoever asks has seen it.
import { assertNever } from '../../core/assert-never.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { AuditPosition, AuditStore } from '../../state/contract/audit-store.ts';

export interface AuditPruning {
  /** Throws AUDIT_RECORD_NOT_FOUND, AUDIT_RECORDS_PRUNED, INVALID_FIELD, STORE_UNAVAILABLE. */
  prune(by: Operator, through: AuditPosition): Promise<void>;
}

export function createAuditPruning({
  audit,
  now,
}: {
  readonly audit: Pick<AuditStore, 'prune'>;
  /** Unix milliseconds. */
  readonly now: () => number;
}): AuditPruning {
  return {
    async prune(by, { sequence, hash }) {
      const facts = { through_sequence: sequence, hash: Buffer.from(hash).toString('hex') };
      const entry = { kind: 'audit.pruned', time: now(), requestId: null, actor: by.id, facts } as const;
      const result = await audit.prune({ sequence, hash, by: by.id }, entry);
      switch (result.kind) {
        case 'pruned':
          return;
        case 'not_found':
          throw new GatewayError('AUDIT_RECORD_NOT_FOUND', `the audit chain has no record ${sequence} yet`);
        case 'other_hash':
          throw new GatewayError('INVALID_FIELD', `hash is not that of audit record ${sequence}: nothing was removed`);
        case 'pruned_before': {
          const message = `audit records up to ${result.anchor.sequence} were pruned before`;
          const metadata = { through_sequence: `${result.anchor.sequence}` };
          throw new GatewayError('AUDIT_RECORDS_PRUNED', message, { metadata });
        }
        default:
          return assertNever(result);
      }
    },
  };
}
