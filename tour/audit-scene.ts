// Owns the last scene: everything that happened stands in the audit chain, and the chain holds.
import { createHash } from 'node:crypto';
import { verifyChain } from '../gateway/audit/verify.ts';
import type { AuditRecord } from '../gateway/core/audit/audit-record.ts';
import { AuditService } from '../proto/gen/countersign/v1/audit_pb.ts';
import type { Stage } from './stage.ts';

/** What is wrong with the chain, in a sentence; `null`: it holds. */
export async function auditScene(stage: Stage): Promise<string | null> {
  stage.print('');
  stage.print('7. The audit chain of all this, read over gRPC and verified here');
  const kinds = new Map<string, number>();
  const verified = await verifyChain(records(stage, kinds), sha256);
  for (const [kind, count] of kinds) stage.print(`  recorded  ${String(count).padStart(5)} × ${kind}`);
  if (verified.kind === 'broken') return `the chain breaks at record ${verified.sequence}: ${verified.reason}`;
  stage.print(`  verified  ${verified.count} records, head ${hex(verified.head)}`);
  return verified.count > 0n ? null : 'there is no record';
}

async function* records({ operator }: Stage, kinds: Map<string, number>): AsyncGenerator<AuditRecord> {
  const request = { afterSequence: 0n, stopAtHead: true };
  for await (const { record } of operator.stream(AuditService.method.streamAuditRecords, request)) {
    if (record === undefined) continue;
    kinds.set(record.kind, (kinds.get(record.kind) ?? 0) + 1);
    yield record;
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function hex(bytes: Uint8Array): string {
  return `${Buffer.from(bytes).toString('hex').slice(0, 16)}…`;
}
