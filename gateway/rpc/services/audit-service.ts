// Owns AuditService: the chain, live and record by record.
import { AuditService } from '../../../proto/gen/countersign/v1/audit_pb.ts';
import type { AuditRecord } from '../../core/audit/audit-record.ts';
import { isInput, namedInput } from '../../core/audit/judged-input.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { AuditStore } from '../../state/contract/audit-store.ts';
import type { RequestStore } from '../../state/contract/request-store.ts';
import { type BoundMethod, serverStream, unary } from '../bound-method.ts';
import { refuseField, sequenceField } from '../fields.ts';
import { auditFilter, auditMessage, type WireAuditRecord } from '../messages/audit.ts';

/** Every record after a sequence, in order, none twice; ends at the head when asked to, and when the signal is aborted. */
export type StreamRecords = (options: {
  readonly after: bigint;
  readonly stopAtHead: boolean;
  readonly signal: AbortSignal;
}) => AsyncIterable<AuditRecord>;

export function auditMethods(
  store: Pick<AuditStore, 'get' | 'head' | 'anchor'>,
  requests: Pick<RequestStore, 'find'>,
  streamRecords: StreamRecords,
): readonly BoundMethod<Operator>[] {
  const { method } = AuditService;
  return [
    serverStream(method.streamAuditRecords, ({ afterSequence, stopAtHead, filter }, { signal }) => {
      const after = sequenceField('after_sequence', afterSequence);
      return matching(streamRecords({ after, stopAtHead, signal }), auditFilter(filter));
    }),
    unary(method.getAuditRecord, async ({ sequence }) => {
      if (sequence === 0n) refuseField('sequence', 'at least 1', '0');
      const record = await store.get(sequenceField('sequence', sequence));
      if (record === null) {
        throw new GatewayError('AUDIT_RECORD_NOT_FOUND', `the audit chain has no record ${sequence} yet`);
      }
      return { record: auditMessage(record), policyInput: await judgedInput(requests, record) };
    }),
    unary(method.getCheckpoint, async () => {
      const [anchor, head] = await Promise.all([store.anchor(), store.head()]);
      return { ...(anchor === null ? {} : { anchor }), ...(head === null ? {} : { head }) };
    }),
  ];
}

async function judgedInput(requests: Pick<RequestStore, 'find'>, record: AuditRecord): Promise<Uint8Array> {
  const named = namedInput(record);
  const request = named === null ? null : await requests.find(named.requestId);
  const input = request?.judgement.policyInput;
  return named !== null && input !== undefined && isInput(named, input) ? input : new Uint8Array();
}

async function* matching(records: AsyncIterable<AuditRecord>, matches: (record: WireAuditRecord) => boolean) {
  for await (const record of records) {
    const message = auditMessage(record);
    if (matches(message)) yield { record: message };
  }
}
