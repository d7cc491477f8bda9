// Owns the check of promise 4 over the audit chain: no signature without the record of its intent before it.
import type { AuditRecord } from '../core/audit/audit-record.ts';

export type ConsistencyVerdict =
  | { readonly kind: 'consistent'; readonly signatures: bigint }
  | { readonly kind: 'violated'; readonly sequence: bigint; readonly reason: string };

/**
 * Checks that each `request.signed` has a `request.signing` of the same request before it, and no other signature since. Says nothing of
 * the hashes: run `verifyChain` as well. Keeps the ids of requests whose signing has not ended.
 */
export async function verifyNoSignatureWithoutIntent(records: AsyncIterable<AuditRecord>): Promise<ConsistencyVerdict> {
  const intended = new Set<string>();
  let signatures = 0n;
  for await (const { sequence, body } of records) {
    const entry = parseBody(body);
    if (entry === null) return { kind: 'violated', sequence, reason: 'its body is not that of an audit record' };
    const { kind, requestId } = entry;
    if (kind === 'request.signing' && requestId !== null) intended.add(requestId);
    if (kind === 'request.signing_failed' && requestId !== null) intended.delete(requestId);
    if (kind === 'request.signed') {
      if (requestId === null || !intended.delete(requestId)) {
        return { kind: 'violated', sequence, reason: `request ${requestId} was signed without a record of the intent` };
      }
      signatures++;
    }
  }
  return { kind: 'consistent', signatures };
}

function parseBody(body: Uint8Array): { readonly kind: string; readonly requestId: string | null } | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('request_id' in value)) return null;
  const { kind, request_id: requestId } = value;
  if (typeof kind !== 'string' || (typeof requestId !== 'string' && requestId !== null)) return null;
  return { kind, requestId };
}
