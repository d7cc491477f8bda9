import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditService } from '../../../proto/gen/countersign/v1/audit_pb.ts';
import { chainOf } from '../../audit/testing/sample-chain.ts';
import type { AuditEntry, AuditRecord } from '../../core/audit/audit-record.ts';
import { sha256 } from '../../core/sha256.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import { APPROVAL_ID, REQUEST_ID, samplePolicyInput, sampleRequest } from '../testing/samples.ts';

let plane: Plane;
let records: AuditRecord[];

beforeAll(async () => {
  plane = await controlPlane({
    get records() {
      return records;
    },
    requests: {
      find: async (requestId) => {
        const request = sampleRequest();
        return requestId === REQUEST_ID
          ? { ...request, judgement: { ...request.judgement, policyInput: samplePolicyInput() } }
          : null;
      },
    },
    async *streamRecords({ after }) {
      yield* records.slice(Number(after));
    },
  });
});
beforeEach(() => {
  const entry = (kind: AuditEntry['kind'], requestId: string | null): AuditEntry => ({
    kind,
    time: 1_700_000_000_001,
    requestId,
    actor: 'gateway',
    facts: {},
  });
  records = chainOf([
    entry('gateway.started', null),
    entry('request.signing', REQUEST_ID),
    entry('request.signed', REQUEST_ID),
  ]);
});
afterAll(() => plane.close());

describe('AuditService', () => {
  const { method } = AuditService;
  const read = async (request: { afterSequence?: bigint; filter?: { kinds?: string[]; requestId?: string } }) => {
    const found: bigint[] = [];
    for await (const { record } of plane.caller.stream(method.streamAuditRecords, { ...request, stopAtHead: true })) {
      found.push(record?.sequence ?? -1n);
    }
    return found;
  };

  it('streams in order, from where it is told', async () => {
    expect(await read({})).toEqual([1n, 2n, 3n]);
    expect(await read({ afterSequence: 2n })).toEqual([3n]);
  });

  it('filters by kind and by request', async () => {
    expect(await read({ filter: { kinds: ['gateway.started', 'request.signed'] } })).toEqual([1n, 3n]);
    expect(await read({ filter: { requestId: REQUEST_ID } })).toEqual([2n, 3n]);
    expect(await read({ filter: { kinds: ['request.signed'], requestId: APPROVAL_ID } })).toEqual([]);
  });

  it.each([
    ['filter.kinds', { filter: { kinds: ['request.sined'] } }],
    ['filter.request_id', { filter: { requestId: 'x' } }],
    ['after_sequence', { afterSequence: 2n ** 63n }],
  ])('refuses a wrong %s', async (field, request) => {
    await expect(read(request)).rejects.toMatchObject({ reason: 'INVALID_FIELD', metadata: { field } });
  });

  it('gives one record with its bytes untouched', async () => {
    const { record } = await plane.caller.unary(method.getAuditRecord, { sequence: 2n });
    expect(record).toMatchObject({
      sequence: 2n,
      kind: 'request.signing',
      requestId: REQUEST_ID,
      time: { seconds: 1_700_000_000n, nanos: 1_000_000 },
    });
    expect(Buffer.from(record?.body ?? []).equals(Buffer.from(records[1]?.body ?? []))).toBe(true);
    expect(Buffer.from(record?.hash ?? []).equals(Buffer.from(records[1]?.hash ?? []))).toBe(true);
  });

  it('gives the policy input that a record names, and no other', async () => {
    const naming = (digest: string, requestId = REQUEST_ID): AuditEntry => ({
      kind: 'request.denied',
      time: 1,
      requestId,
      actor: 'trader',
      facts: { policy_input_sha256: digest },
    });
    const digest = Buffer.from(sha256(samplePolicyInput())).toString('hex');
    records = chainOf([
      naming(digest),
      naming('00'.repeat(32)),
      naming(digest, '11111111-1111-4111-8111-111111111111'),
      naming(digest, 'no request id'),
    ]);
    const given = [];
    for (const { sequence } of records) {
      const { policyInput } = await plane.caller.unary(method.getAuditRecord, { sequence });
      given.push(Buffer.from(policyInput).toString());
    }
    expect(given).toEqual([Buffer.from(samplePolicyInput()).toString(), '', '', '']);
  });

  it('passes on a record whose body somebody broke, for the verifier to find', async () => {
    records = records.map((record) => ({ ...record, body: new Uint8Array([0xff, 0x00]) }));
    const { record } = await plane.caller.unary(method.getAuditRecord, { sequence: 1n });
    expect(record).toMatchObject({ kind: '', requestId: '' });
    expect([...(record?.body ?? [])]).toEqual([0xff, 0x00]);
  });

  it.each([
    [0n, 'INVALID_FIELD'],
    [2n ** 64n - 1n, 'INVALID_FIELD'],
    [99n, 'AUDIT_RECORD_NOT_FOUND'],
  ])('answers for record %s with %s', async (sequence, reason) => {
    await expect(plane.caller.unary(method.getAuditRecord, { sequence })).rejects.toMatchObject({ reason });
  });
});
