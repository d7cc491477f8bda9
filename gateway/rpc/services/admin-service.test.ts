import { fromJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AdminService,
  CreatePrincipalRequestSchema,
  OperatorRole,
  PrincipalKind,
} from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';

let plane: Plane;

beforeAll(async () => {
  plane = await controlPlane();
});
afterAll(() => plane.close());

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
