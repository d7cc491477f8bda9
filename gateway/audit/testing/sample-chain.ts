// Owns a small chain in memory for tests, hashed as the database hashes it.
import { createHash } from 'node:crypto';
import { auditBody, auditPreimage, GENESIS_HASH } from '../../core/audit/audit-chain.ts';
import type { AuditEntry, AuditRecord } from '../../core/audit/audit-record.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

export function chainOf(entries: readonly AuditEntry[]): AuditRecord[] {
  let previousHash = GENESIS_HASH;
  return entries.map((entry, index) => {
    const record = sealed(previousHash, BigInt(index + 1), auditBody(entry));
    previousHash = record.hash;
    return record;
  });
}

/** With a hash that is right for its content. */
export function sealed(previousHash: Uint8Array, sequence: bigint, body: Uint8Array): AuditRecord {
  return { sequence, previousHash, hash: sha256(auditPreimage(previousHash, sequence, body)), body };
}

export function sampleChain(length: number): AuditRecord[] {
  return chainOf(Array.from({ length }, (_, index) => sampleEntry('request.denied', `r-${index + 1}`)));
}

export async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
