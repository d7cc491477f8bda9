// Owns the bytes of the audit chain: what a record says, and what its hash is taken over.
import { type CanonicalValue, canonicalJsonBytes } from '../canonical-json.ts';
import type { AuditEntry } from './audit-record.ts';

/** 32 zero bytes: what stands for the hash before the first record. */
export const GENESIS_HASH: Uint8Array = new Uint8Array(32);

const PREFIX = new TextEncoder().encode('countersign.audit.v1\0');

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * The body of a record: canonical JSON with the keys `actor`, `facts`, `kind`, `request_id` (null where there is none), `time`
 * (RFC 3339, UTC, milliseconds) and `time_unix_ms`. Throws on text without a UTF-8 form and on a time that is none.
 */
export function auditBody(entry: AuditEntry): Uint8Array {
  const body: CanonicalValue = {
    kind: entry.kind,
    time: new Date(entry.time).toISOString(),
    time_unix_ms: BigInt(entry.time),
    request_id: entry.requestId,
    actor: entry.actor,
    facts: entry.facts,
  };
  return canonicalJsonBytes(body);
}

/** What SHA-256 is taken over: "countersign.audit.v1" NUL, the hash before, the sequence as u64 big endian, the body. */
export function auditPreimage(previousHash: Uint8Array, sequence: bigint, body: Uint8Array): Uint8Array {
  if (previousHash.length !== 32) throw new Error(`a previous hash has 32 bytes, not ${previousHash.length}`);
  if (sequence < 1n || sequence > MAX_U64) throw new Error(`a sequence lies in 1 to 2^64 - 1, not at ${sequence}`);
  const preimage = new Uint8Array(PREFIX.length + 32 + 8 + body.length);
  preimage.set(PREFIX, 0);
  preimage.set(previousHash, PREFIX.length);
  new DataView(preimage.buffer).setBigUint64(PREFIX.length + 32, sequence);
  preimage.set(body, PREFIX.length + 40);
  return preimage;
}
