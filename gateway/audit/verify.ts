// Owns the offline checks of the audit chain: whether a record was edited, removed, inserted or moved, and whether each signature has its intent.
import { z } from 'zod';
import { auditPreimage, GENESIS_HASH } from '../core/audit/audit-chain.ts';
import type { AuditRecord } from '../core/audit/audit-record.ts';

export interface ChainPosition {
  readonly sequence: bigint;
  readonly hash: Uint8Array;
}

export type ChainVerdict =
  | {
      readonly kind: 'intact';
      readonly count: bigint;
      /** Hash of the last record; of the start where there was none. */
      readonly head: Uint8Array;
    }
  | {
      readonly kind: 'broken';
      /** The first record that is not as it should be, or that is missing. */
      readonly sequence: bigint;
      readonly reason: string;
    };

export interface VerifyOptions {
  /** Where the records begin: the record before the first. The beginning of the chain when absent. */
  readonly after?: ChainPosition;
  /** A position that the records must contain, noted elsewhere: finds a tail that was cut off, or a chain that was written anew. */
  readonly head?: ChainPosition;
}

/**
 * Reads each record once and keeps none. Without `options.head` a chain that lost its newest records looks intact: compare with a head
 * that was kept elsewhere.
 */
export async function verifyChain(
  records: AsyncIterable<AuditRecord>,
  sha256: (bytes: Uint8Array) => Uint8Array,
  options: VerifyOptions = {},
): Promise<ChainVerdict> {
  let last: ChainPosition = options.after ?? { sequence: 0n, hash: GENESIS_HASH };
  const expected = options.head;
  let count = 0n;
  for await (const record of records) {
    const reason = whyBroken(record, last, sha256);
    if (reason !== null) return { kind: 'broken', sequence: last.sequence + 1n, reason };
    last = { sequence: record.sequence, hash: record.hash };
    count++;
    if (expected?.sequence === record.sequence && !equal(expected.hash, record.hash)) {
      return { kind: 'broken', sequence: record.sequence, reason: rewritten(record.hash, expected.hash) };
    }
  }
  if (expected !== undefined && expected.sequence > last.sequence) {
    const reason = `it is missing: the records end at ${last.sequence}, but the chain went on to ${expected.sequence}`;
    return { kind: 'broken', sequence: last.sequence + 1n, reason };
  }
  return { kind: 'intact', count, head: last.hash };
}

function whyBroken(record: AuditRecord, last: ChainPosition, sha256: (bytes: Uint8Array) => Uint8Array): string | null {
  const sequence = last.sequence + 1n;
  if (record.sequence !== sequence) {
    return `record ${record.sequence} stands in its place: records were removed, inserted or moved`;
  }
  if (!equal(record.previousHash, last.hash)) {
    return `it names ${hex(record.previousHash)} as the hash before it, but record ${last.sequence} has ${hex(last.hash)}: one of the two was replaced`;
  }
  const hash = sha256(auditPreimage(record.previousHash, record.sequence, record.body));
  if (!equal(record.hash, hash)) {
    return `its hash is ${hex(record.hash)}, but its content has ${hex(hash)}: it was edited`;
  }
  return null;
}

function rewritten(found: Uint8Array, expected: Uint8Array): string {
  return `its hash is ${hex(found)}, but ${hex(expected)} was noted: the chain was written anew`;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .concat('…');
}

export interface PrunedOptions {
  /** Records before the first were pruned: it may have been in them what is missing. */
  readonly isPruned?: boolean;
}

export type IntentVerdict =
  | {
      readonly kind: 'intact';
      readonly signatures: bigint;
      /** Where records were pruned: signatures among these whose intent would stand before the first record. */
      readonly intendedBefore?: bigint;
    }
  | { readonly kind: 'broken'; readonly sequence: bigint; readonly reason: string };

/**
 * Promise 4 over the chain: checks that each `request.signed` has a `request.signing` of the same request before it, and no other signature since. Says nothing of
 * the hashes: run `verifyChain` as well. Keeps the ids of requests whose signing has not ended; where records before the first were pruned,
 * of all that were signed.
 */
export async function verifyNoSignatureWithoutIntent(
  records: AsyncIterable<AuditRecord>,
  { isPruned = false }: PrunedOptions = {},
): Promise<IntentVerdict> {
  const intended = new Set<string>();
  const known = new Set<string>();
  let signatures = 0n;
  let intendedBefore = 0n;
  for await (const { sequence, body } of records) {
    const entry = parseBody(body);
    if (entry === null) return { kind: 'broken', sequence, reason: 'its body is not that of an audit record' };
    const { kind, requestId } = entry;
    if (kind === 'request.signing' && requestId !== null) intended.add(requestId);
    if (kind === 'request.signing_failed' && requestId !== null) intended.delete(requestId);
    if (kind === 'request.signed') {
      const isIntended = requestId !== null && intended.delete(requestId);
      const mayBeBefore = isPruned && requestId !== null && !known.has(requestId);
      if (!isIntended && !mayBeBefore) {
        return { kind: 'broken', sequence, reason: `request ${requestId} was signed without a record of the intent` };
      }
      signatures++;
      if (!isIntended) intendedBefore++;
    }
    // What began here has its intent here too.
    if (isPruned && requestId !== null) known.add(requestId);
  }
  return { kind: 'intact', signatures, ...(isPruned ? { intendedBefore } : {}) };
}

/**
 * Whether the chain that goes on from an anchor says itself that it was pruned up to there: who cut off its beginning and left no record
 * did not prune it. Says nothing of the hashes.
 */
export async function verifyAnchor(records: AsyncIterable<AuditRecord>, anchor: ChainPosition): Promise<boolean> {
  const named = { sequence: anchor.sequence.toString(), hash: Buffer.from(anchor.hash).toString('hex') };
  for await (const { body } of records) {
    const facts = prunedFacts(body);
    if (facts?.hash === named.hash && facts.sequence === named.sequence) return true;
  }
  return false;
}

const pruned = z.object({
  kind: z.literal('audit.pruned'),
  facts: z.object({ through_sequence: z.union([z.int(), z.string()]), hash: z.string() }),
});

function prunedFacts(body: Uint8Array): { readonly sequence: string; readonly hash: string } | null {
  const read = pruned.safeParse(jsonOf(body));
  if (!read.success) return null;
  const { through_sequence: sequence, hash } = read.data.facts;
  return { sequence: sequence.toString(), hash };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}

function parseBody(body: Uint8Array): { readonly kind: string; readonly requestId: string | null } | null {
  const value = jsonOf(body);
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('request_id' in value)) return null;
  const { kind, request_id: requestId } = value;
  if (typeof kind !== 'string' || (typeof requestId !== 'string' && requestId !== null)) return null;
  return { kind, requestId };
}
