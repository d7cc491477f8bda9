import { afterEach, expect, it } from 'vitest';
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { AuditService } from '../../../proto/gen/countersign/v1/audit_pb.ts';
import { sampleChain } from '../../audit/testing/sample-chain.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';

const { pruneAuditRecords } = AdminService.method;
const { getCheckpoint } = AuditService.method;

let plane: Plane;

afterEach(() => plane.close());

it('GetCheckpoint says where the chain begins and ends', async () => {
  const records = sampleChain(3);
  const anchor = { sequence: 1n, hash: new Uint8Array(32).fill(1) };
  plane = await controlPlane({ records, anchor });
  expect(await plane.caller.unary(getCheckpoint, {})).toMatchObject({
    anchor: { sequence: 1n, hash: Buffer.from(anchor.hash) },
    head: { sequence: 3n },
  });
});

it('GetCheckpoint names no anchor where nothing was pruned', async () => {
  plane = await controlPlane({ records: sampleChain(3) });
  expect((await plane.caller.unary(getCheckpoint, {})).anchor).toBeUndefined();
});

it('PruneAuditRecords takes a record and its hash, and refuses anything else before it asks', async () => {
  const asked: unknown[] = [];
  plane = await controlPlane({
    prune: async (by, through) => {
      asked.push([by.id, through.sequence, Buffer.from(through.hash).toString('hex')]);
    },
  });
  const hash = new Uint8Array(32).fill(9);
  await plane.caller.unary(pruneAuditRecords, { throughSequence: 7n, hash });
  expect(asked).toEqual([['olga', 7n, '09'.repeat(32)]]);
  for (const [request, message] of [
    [{ throughSequence: 0n, hash }, 'through_sequence must be at least 1'],
    [{ throughSequence: 2n ** 64n - 1n, hash }, 'through_sequence must be'],
    [{ throughSequence: 7n, hash: hash.slice(1) }, 'hash must be 32 bytes'],
    [{ throughSequence: 7n }, 'hash must be 32 bytes'],
  ] as const) {
    await expect(plane.caller.unary(pruneAuditRecords, request)).rejects.toThrow(message);
  }
  expect(asked.length).toBe(1);
});
