// Owns how an audit record looks on the wire, and which records a caller asked for.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import type { AuditRecordSchema } from '../../../proto/gen/countersign/v1/audit_pb.ts';
import { AUDIT_KINDS, type AuditRecord } from '../../core/audit/audit-record.ts';
import { refuseField, shown, uuidField } from '../fields.ts';

export type WireAuditRecord = MessageInitShape<typeof AuditRecordSchema>;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

// The part of a body that stands beside it for convenience; a body that is not so shaped is passed on as it is.
const BODY = z.object({
  kind: z.string().default(''),
  time_unix_ms: z.number().int().optional(),
  request_id: z.string().nullish(),
});

export function auditMessage(record: AuditRecord): WireAuditRecord {
  const { sequence, previousHash, hash, body } = record;
  const { kind, time_unix_ms: time, request_id: requestId } = readBody(body);
  return {
    sequence,
    previousHash,
    hash,
    body,
    kind,
    ...(time === undefined ? {} : { time: timestampFromMs(time) }),
    requestId: requestId ?? '',
  };
}

/** Throws INVALID_FIELD. The empty filter matches everything. */
export function auditFilter(filter: { readonly kinds: readonly string[]; readonly requestId: string } | undefined) {
  const kinds = new Set(filter?.kinds ?? []);
  for (const kind of kinds) {
    if (!AUDIT_KINDS.some((known) => known === kind)) {
      refuseField('filter.kinds', `among ${AUDIT_KINDS.join(', ')}`, shown(kind));
    }
  }
  const requestId =
    filter === undefined || filter.requestId === '' ? null : uuidField('filter.request_id', filter.requestId);
  return (record: WireAuditRecord): boolean =>
    (kinds.size === 0 || kinds.has(record.kind ?? '')) && (requestId === null || record.requestId === requestId);
}

function readBody(body: Uint8Array): z.infer<typeof BODY> {
  const unreadable = { kind: '' };
  try {
    const parsed = BODY.safeParse(JSON.parse(UTF8.decode(body)));
    return parsed.success ? parsed.data : unreadable;
  } catch {
    return unreadable;
  }
}
