import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminService, ChangeOperatorRequestSchema, OperatorRole } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import { AGENT } from '../testing/samples.ts';

const { changeOperator } = AdminService.method;

let plane: Plane;
let auditor: string;

beforeAll(async () => {
  plane = await controlPlane();
  const { principals } = plane;
  principals.add({ kind: 'operator', id: 'anna', roles: ['auditor'], groups: [] });
  auditor = principals.add({ kind: 'operator', id: 'otto', roles: ['auditor', 'approver', 'policy'], groups: [] });
  principals.add({ kind: 'operator', id: 'gone', roles: ['auditor'], groups: [] });
  principals.add({ ...AGENT, id: 'bot' });
  await plane.caller.unary(AdminService.method.disablePrincipal, { principal: 'gone' });
});

afterAll(() => plane.close());

describe('ChangeOperator', () => {
  it('gives what was asked for, each once, and tells the revision', async () => {
    const { principal } = await plane.caller.unary(changeOperator, {
      principal: 'anna',
      roles: [OperatorRole.AUDITOR, OperatorRole.APPROVER, OperatorRole.AUDITOR],
      groups: ['finance', 'finance'],
      revision: 1n,
    });
    expect(principal).toMatchObject({
      roles: [OperatorRole.APPROVER, OperatorRole.AUDITOR],
      groups: ['finance'],
      revision: 2n,
    });
    const { principals } = await plane.caller.unary(AdminService.method.listPrincipals, {});
    expect(principals.find((each) => each.principal === 'anna')).toEqual(principal);
  });

  it.each<[string, JsonValue, string, string]>([
    ['a role that is none', { roles: [0], revision: '2' }, 'INVALID_FIELD', 'roles must be among ADMIN, APPROVER'],
    ['a role that nobody knows', { roles: [9], revision: '2' }, 'INVALID_FIELD', 'found 9'],
    ['a group that is no id', { groups: ['A B'], revision: '2' }, 'INVALID_FIELD', 'groups must be 1 to 64 of a-z'],
    [
      'too many groups',
      { groups: Array.from({ length: 65 }, (_, n) => `g${n}`), revision: '2' },
      'INVALID_FIELD',
      'groups must be at most 64; found "65"',
    ],
    ['no revision', { roles: [3] }, 'INVALID_FIELD', 'revision must be that of the principal, as ListPrincipals tells'],
    [
      'an old revision',
      { roles: [3], revision: '1' },
      'PRINCIPAL_CHANGED',
      'it has revision 2, not 1; look at it again',
    ],
    ['itself', { principal: 'olga', revision: '1' }, 'INVALID_FIELD', 'nobody changes roles and groups of their own'],
    ['an agent', { principal: 'bot', revision: '1' }, 'INVALID_FIELD', 'agents have neither roles nor groups'],
    ['one who is disabled', { principal: 'gone', revision: '1' }, 'PRINCIPAL_CHANGE_REFUSED', 'disabled, for good'],
    ['nobody', { principal: 'nobody', revision: '1' }, 'PRINCIPAL_NOT_FOUND', 'there is no principal "nobody"'],
    ['no name', { principal: '', revision: '1' }, 'INVALID_FIELD', 'principal must be 1 to 64 of a-z'],
  ])('refuses %s, and changes nothing', async (_name, change, reason, text) => {
    const before = plane.principals.audit.length;
    const asked = typeof change === 'object' && change !== null && !Array.isArray(change) ? change : {};
    const call = plane.caller.unary(
      changeOperator,
      fromJson(ChangeOperatorRequestSchema, { principal: 'anna', ...asked }),
    );
    await expect(call).rejects.toMatchObject({ reason, message: expect.stringContaining(text) });
    expect(plane.principals.audit).toHaveLength(before);
  });

  it('is for admins', async () => {
    const asked = { principal: 'anna', roles: [OperatorRole.ADMIN], revision: 2n };
    await expect(plane.connect(auditor).unary(changeOperator, asked)).rejects.toMatchObject({ reason: 'ROLE_MISSING' });
  });
});
