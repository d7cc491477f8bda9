// Owns WatchApprovals: what the audit chain says of approvals, each as it is when it is told. The chain has an order and no gaps, so a
// watcher that resumes misses no change.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { WatchApprovalsResponseSchema } from '../../../proto/gen/countersign/v1/approval_pb.ts';
import type { AuditRecord } from '../../core/audit/audit-record.ts';
import { approvalsIn } from '../../core/audit/record-approvals.ts';
import type { ApprovalPipeline } from '../../pipeline/pipeline-contract.ts';
import type { AuditStore } from '../../state/contract/audit-store.ts';
import { approvalMessage } from '../messages/approval.ts';
import type { StreamRecords } from './audit-service.ts';

const PAGE = 100;

type Watched = MessageInitShape<typeof WatchApprovalsResponseSchema>;

export interface WatchSources {
  readonly approvals: Pick<ApprovalPipeline, 'listApprovals' | 'lookUpApproval'>;
  readonly audit: Pick<AuditStore, 'head'>;
  readonly streamRecords: StreamRecords;
}

/** `after`: 0 begins with all that are pending. */
export async function* watchApprovals(
  sources: WatchSources,
  after: bigint,
  signal: AbortSignal,
): AsyncGenerator<Watched> {
  let from = after;
  if (from === 0n) {
    // The head is read first: what changes meanwhile is told twice rather than not at all.
    from = (await sources.audit.head())?.sequence ?? 0n;
    for await (const view of pending(sources)) yield { approval: approvalMessage(view), sequence: from };
  }
  for await (const record of sources.streamRecords({ after: from, stopAtHead: false, signal })) {
    for (const approval of await changedBy(sources, record)) yield { approval, sequence: record.sequence };
  }
}

async function* pending({ approvals }: WatchSources) {
  let after: string | null = null;
  for (;;) {
    const page = await approvals.listApprovals({ states: ['PENDING'], limit: PAGE, after });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.approval.approvalId;
  }
}

async function changedBy({ approvals }: WatchSources, record: AuditRecord) {
  const ids = approvalsIn(record);
  return Promise.all(ids.map(async (id) => approvalMessage(await approvals.lookUpApproval(id))));
}
