import { fromJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AdminService,
  CreatePrincipalRequestSchema,
  OperatorRole,
  PrincipalKind,
} from '../../../proto/gen/countersign/v1/admin_pb.ts';
import {
  ApprovalService,
  ApprovalState,
  ListApprovalsRequestSchema,
} from '../../../proto/gen/countersign/v1/approval_pb.ts';
import { AuditService } from '../../../proto/gen/countersign/v1/audit_pb.ts';
import { chainOf } from '../../audit/testing/sample-chain.ts';
import type { AuditEntry, AuditRecord } from '../../core/audit/audit-record.ts';
import { GatewayError } from '../../core/errors.ts';
import { sha256 } from '../../core/sha256.ts';
import type { ApprovalView } from '../../pipeline/outcome.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import {
  APPROVAL_ID,
  REQUEST_ID,
  sampleApproval,
  samplePolicyInput,
  sampleRequest,
  sampleView,
} from '../testing/samples.ts';

const DIGEST = new Uint8Array(32).fill(4);

let plane: Plane;
let asked: unknown[][];
let views: ApprovalView[];
let records: AuditRecord[];

beforeAll(async () => {
  plane = await controlPlane({
    approvals: {
      listApprovals: async (page) => {
        asked.push([page]);
        return views.slice(0, page.limit);
      },
      getApproval: async (approvalId) => {
        asked.push([approvalId]);
        throw new GatewayError('APPROVAL_NOT_FOUND', 'there is no such approval');
      },
      vote: async (operator, vote) => {
        asked.push([operator.id, vote]);
        if (!vote.approve) throw new GatewayError('VOTE_REFUSED', 'olga asked for this herself');
        const votes = [
          { approverId: operator.id, approve: true, comment: vote.comment, time: 5000, groups: [], counts: true },
        ];
        return { ...sampleView(), approval: sampleApproval({ votes, state: 'APPROVED' }) };
      },
    },
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
  asked = [];
  views = [];
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

describe('ApprovalService', () => {
  const { method } = ApprovalService;

  it('lists pending approvals where no state is asked for, and pages through many', async () => {
    const ids = Array.from({ length: 3 }, (_, i) => APPROVAL_ID.replace(/^9/, String(i)));
    views = ids.map((approvalId) => ({ ...sampleView(), approval: sampleApproval({ approvalId }) }));
    const first = await plane.caller.unary(method.listApprovals, { pageSize: 2 });
    expect(first.approvals.map(({ approvalId }) => approvalId)).toEqual(ids.slice(0, 2));
    expect(first.nextPageToken).toBe(ids[1]);
    views = views.slice(2);
    const second = await plane.caller.unary(method.listApprovals, { pageSize: 2, pageToken: first.nextPageToken });
    expect(second.approvals).toHaveLength(1);
    expect(second.nextPageToken).toBe('');
    expect(asked).toEqual([
      [{ states: ['PENDING'], limit: 3, after: null }],
      [{ states: ['PENDING'], limit: 3, after: ids[1] }],
    ]);
  });

  it('passes on each state once, and 50 where no size is asked for', async () => {
    const { TIMED_OUT, APPROVED } = ApprovalState;
    await plane.caller.unary(method.listApprovals, { states: [TIMED_OUT, APPROVED, TIMED_OUT] });
    expect(asked).toEqual([[{ states: ['APPROVED', 'TIMED_OUT'], limit: 51, after: null }]]);
  });

  it.each([
    ['states', { states: [0] }, 'among PENDING, APPROVED, REJECTED, TIMED_OUT, SUPERSEDED; found UNSPECIFIED'],
    ['states', { states: [6] }, 'found 6'],
    ['page_size', { pageSize: 201 }, 'at most 200; found 201'],
    ['page_token', { pageToken: 'x' }, 'a UUID'],
  ])('refuses a wrong %s', async (field, request, text) => {
    const call = plane.caller.unary(method.listApprovals, fromJson(ListApprovalsRequestSchema, request));
    await expect(call).rejects.toMatchObject({ metadata: { field }, message: expect.stringContaining(text) });
    expect(asked).toEqual([]);
  });

  it.each([
    ['approval_id', { approvalId: '', intentDigest: DIGEST }, 'found nothing'],
    ['intent_digest', { approvalId: APPROVAL_ID }, 'must be 32 bytes'],
    ['intent_digest', { approvalId: APPROVAL_ID, intentDigest: new Uint8Array(33) }, 'found 33 bytes'],
    ['comment', { approvalId: APPROVAL_ID, intentDigest: DIGEST, comment: 'x'.repeat(1025) }, 'at most 1024 bytes'],
    ['comment', { approvalId: APPROVAL_ID, intentDigest: DIGEST, comment: '\u0000' }, 'without control characters'],
  ])('refuses a vote with a wrong %s', async (field, request, text) => {
    for (const call of [plane.caller.unary(method.approve, request), plane.caller.unary(method.reject, request)]) {
      await expect(call).rejects.toMatchObject({ metadata: { field }, message: expect.stringContaining(text) });
    }
    expect(asked).toEqual([]);
  });

  it('votes as the operator whose key it is', async () => {
    const request = { approvalId: APPROVAL_ID.toUpperCase(), intentDigest: DIGEST, comment: 'fine\nby me' };
    const { approval } = await plane.caller.unary(method.approve, request);
    expect(approval).toMatchObject({
      state: ApprovalState.APPROVED,
      votes: [{ approver: 'olga', approve: true, comment: 'fine\nby me', time: { seconds: 5n } }],
    });
    expect(asked).toMatchObject([['olga', { approvalId: APPROVAL_ID, approve: true, comment: 'fine\nby me' }]]);
  });

  it('says why a vote did not count, and which approval is not there', async () => {
    const vote = { approvalId: APPROVAL_ID, intentDigest: DIGEST };
    await expect(plane.caller.unary(method.reject, vote)).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'VOTE_REFUSED',
    });
    await expect(plane.caller.unary(method.getApproval, { approvalId: APPROVAL_ID })).rejects.toMatchObject({
      status: 'NOT_FOUND',
    });
  });
});

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

describe('AdminService', () => {
  const { method } = AdminService;

  it.each([
    ['kind', { principal: 'a' }, 'AGENT or OPERATOR; found UNSPECIFIED'],
    ['kind', { principal: 'a', kind: 3 }, 'found 3'],
    ['roles', { principal: 'a', kind: 2 }, 'at least one of ADMIN, APPROVER, AUDITOR, POLICY'],
    ['roles', { principal: 'a', kind: 2, roles: [0] }, 'found UNSPECIFIED'],
    ['roles', { principal: 'a', kind: 2, roles: [1, 9] }, 'found 9'],
    ['roles', { principal: 'a', kind: 1, roles: [1] }, 'empty for an agent'],
    ['groups', { principal: 'a', kind: 1, groups: ['g'] }, 'empty for an agent'],
    ['wallets', { principal: 'a', kind: 2, roles: [1], wallets: ['treasury'] }, 'empty for an operator'],
    ['principal', { principal: '', kind: 1 }, 'found nothing'],
    ['principal', { principal: 'A', kind: 1 }, '1 to 64 of a-z, 0-9 and dash'],
    ['principal', { principal: 'a'.repeat(65), kind: 1 }, '1 to 64'],
    ['principal', { principal: 'a\n', kind: 1 }, '1 to 64'],
    ['principal', { principal: 'gateway', kind: 1 }, 'what the gateway does by itself'],
    ['principal', { principal: 'gateway', kind: 2, roles: [1] }, 'what the gateway does by itself'],
    ['wallets', { principal: 'a', kind: 1, wallets: ['x y'] }, 'found "x y"'],
    ['wallets', { principal: 'a', kind: 1, wallets: Array.from({ length: 65 }, (_, i) => `w${i}`) }, 'at most 64'],
    ['groups', { principal: 'a', kind: 2, roles: [1], groups: ['G'] }, '1 to 64 of a-z'],
  ])('refuses a principal with a wrong %s', async (field, request, text) => {
    const before = plane.principals.audit.length;
    const call = plane.caller.unary(method.createPrincipal, fromJson(CreatePrincipalRequestSchema, request));
    await expect(call).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      metadata: { field },
      message: expect.stringContaining(text),
    });
    expect(plane.principals.audit).toHaveLength(before);
  });

  it('creates, shows and disables, and the audit chain says what', async () => {
    const request = {
      principal: 'anna',
      kind: PrincipalKind.OPERATOR,
      roles: [OperatorRole.AUDITOR, OperatorRole.APPROVER, OperatorRole.AUDITOR],
      groups: ['finance', 'finance'],
    };
    const expected = {
      principal: 'anna',
      kind: PrincipalKind.OPERATOR,
      roles: [OperatorRole.APPROVER, OperatorRole.AUDITOR],
      groups: ['finance'],
      createTime: { nanos: 5_000_000 },
    };
    expect((await plane.caller.unary(method.createPrincipal, request)).principal).toMatchObject(expected);
    const { principals } = await plane.caller.unary(method.listPrincipals, {});
    expect(principals.find(({ principal }) => principal === 'anna')).toMatchObject(expected);
    const { principal } = await plane.caller.unary(method.disablePrincipal, { principal: 'anna' });
    expect(principal?.disableTime).toBeDefined();
    expect(plane.principals.audit.slice(-2)).toMatchObject([
      {
        kind: 'principal.created',
        actor: 'olga',
        facts: { principal: 'anna', kind: 'operator', roles: ['approver', 'auditor'], groups: ['finance'] },
      },
      { kind: 'principal.disabled', actor: 'olga', facts: { principal: 'anna' } },
    ]);
  });

  it('gives a key that works at once, and whose secret stands nowhere else', async () => {
    const { key, secret } = await plane.caller.unary(method.createApiKey, { principal: 'olga' });
    const { keys } = await plane.connect(secret).unary(method.listApiKeys, { principal: 'olga' });
    expect(keys.map(({ keyId }) => keyId)).toContain(key?.keyId);
    const rest = secret.slice(21);
    const seen = JSON.stringify([plane.principals.audit, plane.logged, keys], (_, value) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    expect(seen).toContain(key?.keyId);
    expect(seen).not.toContain(rest);
    await plane.caller.unary(method.revokeApiKey, { keyId: key?.keyId ?? '' });
  });
});
