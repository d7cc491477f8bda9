// Owns where the audit commands read the chain from: a gateway, an export file, or the database itself.
import { createReadStream } from 'node:fs';
import { Client } from 'pg';
import { AuditService } from '../../../proto/gen/countersign/v1/audit_pb.ts';
import { readExport } from '../../audit/export.ts';
import type { ChainPosition } from '../../audit/verify.ts';
import type { AuditRecord } from '../../core/audit/audit-record.ts';
import type { Connection } from '../connection.ts';
import { GatewayFault } from '../gateway-fault.ts';

export interface AuditSource {
  /** What was read, for people. */
  readonly name: string;
  /** Each call reads anew from the first record. */
  records(): AsyncIterable<AuditRecord>;
  /** A position that the source itself says the chain has reached; `null`: it says none. */
  head(): Promise<ChainPosition | null>;
  close(): Promise<void>;
}

/** Every record after a sequence, in order. */
export async function* gatewayRecords(
  gateway: Connection,
  after: bigint,
  stopAtHead: boolean,
): AsyncGenerator<AuditRecord> {
  const request = { afterSequence: after, stopAtHead };
  for await (const { record } of gateway.stream(AuditService.method.streamAuditRecords, request)) {
    if (record === undefined) throw new Error('the gateway sent an answer without a record');
    yield record;
  }
}

/** The newest sequence, found by asking for single records; 0 while the chain is empty. */
export async function newestSequence(gateway: Connection): Promise<bigint> {
  let missing = 1n;
  while (await exists(gateway, missing)) missing *= 2n;
  let last = missing / 2n;
  while (missing - last > 1n) {
    const middle = (last + missing) / 2n;
    if (await exists(gateway, middle)) last = middle;
    else missing = middle;
  }
  return last;
}

async function exists(gateway: Connection, sequence: bigint): Promise<boolean> {
  try {
    await gateway.unary(AuditService.method.getAuditRecord, { sequence });
    return true;
  } catch (error) {
    if (error instanceof GatewayFault && error.reason === 'AUDIT_RECORD_NOT_FOUND') return false;
    throw error;
  }
}

export function gatewaySource(gateway: Connection): AuditSource {
  return {
    name: 'the chain over gRPC',
    records: () => gatewayRecords(gateway, 0n, true),
    head: async () => null,
    close: async () => undefined,
  };
}

export function exportSource(file: string): AuditSource {
  return {
    name: file,
    records: () => readExport(createReadStream(file, 'utf8')),
    head: async () => null,
    close: async () => undefined,
  };
}

const PAGE = 1000;
const READ =
  'SELECT sequence, previous_hash, hash, body FROM audit_records WHERE sequence > $1 ORDER BY sequence LIMIT $2';
const HEAD = 'SELECT sequence, hash FROM audit_head';

/** Reads one snapshot and can change nothing. Rejects when the database cannot be reached or holds no chain. */
export async function databaseSource(url: string): Promise<AuditSource> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  return {
    name: 'the chain in the database',
    async *records() {
      let last = 0n;
      for (;;) {
        const { rows } = await client.query(READ, [last.toString(), PAGE]);
        for (const row of rows) yield rowRecord(row);
        const end = rows.at(-1);
        if (end === undefined) return;
        last = rowRecord(end).sequence;
      }
    },
    async head() {
      const { rows } = await client.query(HEAD);
      const row: unknown = rows[0];
      return row === undefined ? null : { sequence: sequenceOf(row), hash: bytesOf(row, 'hash') };
    },
    close: () => client.end(),
  };
}

function rowRecord(row: unknown): AuditRecord {
  return {
    sequence: sequenceOf(row),
    previousHash: bytesOf(row, 'previous_hash'),
    hash: bytesOf(row, 'hash'),
    body: bytesOf(row, 'body'),
  };
}

function sequenceOf(row: unknown): bigint {
  const value = columnOf(row, 'sequence');
  if (typeof value !== 'string') throw new Error('audit_records.sequence is not a bigint');
  return BigInt(value);
}

function bytesOf(row: unknown, column: string): Uint8Array {
  const value = columnOf(row, column);
  if (!(value instanceof Uint8Array)) throw new Error(`audit_records.${column} is not bytea`);
  return value;
}

function columnOf(row: unknown, column: string): unknown {
  return typeof row === 'object' && row !== null ? Reflect.get(row, column) : undefined;
}
