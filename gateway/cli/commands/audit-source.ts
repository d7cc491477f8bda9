// Owns where the audit commands read the chain from: a gateway, an export file, or the database itself.
import { createReadStream } from 'node:fs';
import { Client } from 'pg';
import { AuditService } from '../../../proto/gen/countersign/v1/audit_pb.ts';
import { readExport } from '../../audit/export.ts';
import type { ChainPosition } from '../../audit/verify.ts';
import type { AuditRecord } from '../../core/audit/audit-record.ts';
import type { Connection } from '../connection.ts';

export interface AuditSource {
  /** What was read, for people. */
  readonly name: string;
  /** Each call reads anew from the first record after the anchor. */
  records(): AsyncIterable<AuditRecord>;
  /** The last record that was pruned; `null`: the chain begins with its first. */
  anchor(): Promise<ChainPosition | null>;
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

export interface Checkpoint {
  readonly anchor: ChainPosition | null;
  readonly head: ChainPosition | null;
}

export async function checkpointOf(gateway: Connection): Promise<Checkpoint> {
  const { anchor, head } = await gateway.unary(AuditService.method.getCheckpoint, {});
  return { anchor: anchor ?? null, head: head ?? null };
}

export async function gatewaySource(gateway: Connection): Promise<AuditSource> {
  const { anchor, head } = await checkpointOf(gateway);
  return {
    name: 'the chain over gRPC',
    records: () => gatewayRecords(gateway, anchor?.sequence ?? 0n, true),
    anchor: async () => anchor,
    head: async () => head,
    close: async () => undefined,
  };
}

/** Several files are parts of one chain, in their order. */
export function exportSource(files: readonly string[], after: ChainPosition | null): AuditSource {
  return {
    name: files.join(', '),
    async *records() {
      for (const file of files) yield* readExport(createReadStream(file, 'utf8'));
    },
    anchor: async () => after,
    head: async () => null,
    close: async () => undefined,
  };
}

const PAGE = 1000;
const READ =
  'SELECT sequence, previous_hash, hash, body FROM audit_records WHERE sequence > $1 ORDER BY sequence LIMIT $2';
const HEAD = 'SELECT sequence, hash FROM audit_head';
const ANCHOR = 'SELECT sequence, hash FROM audit_anchors ORDER BY sequence DESC LIMIT 1';

/** Reads one snapshot and can change nothing. Rejects when the database cannot be reached or holds no chain. */
export async function databaseSource(url: string): Promise<AuditSource> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const anchor = positionOf((await client.query(ANCHOR)).rows[0]);
  return {
    name: 'the chain in the database',
    anchor: async () => anchor,
    async *records() {
      let last = anchor?.sequence ?? 0n;
      for (;;) {
        const { rows } = await client.query(READ, [last.toString(), PAGE]);
        for (const row of rows) yield rowRecord(row);
        const end = rows.at(-1);
        if (end === undefined) return;
        last = rowRecord(end).sequence;
      }
    },
    async head() {
      return positionOf((await client.query(HEAD)).rows[0]);
    },
    close: () => client.end(),
  };
}

function positionOf(row: unknown): ChainPosition | null {
  return row === undefined ? null : { sequence: sequenceOf(row), hash: bytesOf(row, 'hash') };
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
