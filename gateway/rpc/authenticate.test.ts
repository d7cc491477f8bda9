import { afterEach, describe, expect, it } from 'vitest';
import { AdminService } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { GatewayError } from '../core/errors.ts';
import type { OperatorRole } from '../core/principal/principal.ts';
import { controlPlane, dataPlane, type Plane } from './testing/planes.ts';
import { memoryPrincipals } from './testing/principals.ts';
import { AGENT, OPERATOR, WALLET } from './testing/samples.ts';

const open: Plane[] = [];
async function opened(plane: Promise<Plane>): Promise<Plane> {
  const value = await plane;
  open.push(value);
  return value;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((plane) => plane.close()));
});

const listWallets = async () => [{ id: 'treasury', address: WALLET, feePayer: null }];
const audit = { kind: 'api_key.revoked', time: 1, requestId: null, actor: 'test', facts: {} } as const;
const keyIdOf = (key: string) => key.slice(4, 20);

describe('who may call the data plane', () => {
  it('lets an agent with a valid key in, as itself', async () => {
    const seen: unknown[] = [];
    const plane = await opened(
      dataPlane({
        listWallets: async (agent) => {
          seen.push(agent);
          return listWallets();
        },
      }),
    );
    const { wallets } = await plane.caller.unary(SigningService.method.listWallets, {});
    expect(wallets).toMatchObject([{ wallet: 'treasury', address: WALLET }]);
    expect(seen).toEqual([{ ...AGENT, credential: { keyId: expect.any(String), session: null } }]);
  });

  it('answers a call without a key with UNAUTHENTICATED', async () => {
    const plane = await opened(dataPlane());
    await expect(plane.connect(null).unary(SigningService.method.listWallets, {})).rejects.toMatchObject({
      status: 'UNAUTHENTICATED',
      reason: 'CREDENTIALS_MISSING',
      retry: 'never',
    });
    expect(plane.principals.lookups).toEqual([]);
  });

  it('answers unknown, wrong, revoked, disabled and malformed keys alike', async () => {
    const principals = memoryPrincipals();
    const revoked = principals.add({ ...AGENT, id: 'revoked' });
    const disabled = principals.add({ ...AGENT, id: 'disabled' });
    const valid = principals.add({ ...AGENT, id: 'valid' });
    await principals.revokeKey(keyIdOf(revoked), audit);
    await principals.disable('disabled', audit);
    const plane = await opened(dataPlane({}, { principals }));
    const wrongSecret = `${valid.slice(0, 21)}${'A'.repeat(43)}`;
    const unknown = `csk_0000000000000000_${'A'.repeat(43)}`;
    const faults = await Promise.all(
      [revoked, disabled, wrongSecret, unknown, 'nonsense', `${valid}A`].map((key) =>
        plane
          .connect(key)
          .unary(SigningService.method.listWallets, {})
          .catch((error: unknown) => error),
      ),
    );
    for (const fault of faults) {
      expect(fault).toEqual(faults[0]);
      expect(fault).toMatchObject({ status: 'UNAUTHENTICATED', reason: 'CREDENTIALS_INVALID', retry: 'never' });
    }
  });

  it('refuses an operator', async () => {
    const plane = await opened(dataPlane());
    const key = plane.principals.add(OPERATOR);
    await expect(plane.connect(key).unary(SigningService.method.listWallets, {})).rejects.toMatchObject({
      status: 'PERMISSION_DENIED',
      reason: 'ROLE_MISSING',
    });
  });

  it('does not read a request before it knows the caller', async () => {
    const plane = await opened(dataPlane());
    const bad = plane.connect(null).unary(SigningService.method.signTransaction, { wallet: '' });
    await expect(bad).rejects.toMatchObject({ reason: 'CREDENTIALS_MISSING' });
  });

  it('says UNAVAILABLE, and lets nobody in, while the store cannot answer', async () => {
    const principals = memoryPrincipals();
    const findByKey = () => Promise.reject(new GatewayError('STORE_UNAVAILABLE', 'Postgres is away'));
    const plane = await opened(dataPlane({ listWallets }, { principals: { ...principals, findByKey } }));
    await expect(plane.caller.unary(SigningService.method.listWallets, {})).rejects.toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'STORE_UNAVAILABLE',
    });
  });
});

/** Roles that open a service. */
type Served = Exclude<OperatorRole, 'policy'>;

describe('who may call the control plane', () => {
  const calls = {
    approver: (plane: Plane, key: string) => plane.connect(key).unary(ApprovalService.method.listApprovals, {}),
    auditor: (plane: Plane, key: string) =>
      plane.connect(key).unary(AuditService.method.getAuditRecord, { sequence: 1n }),
    admin: (plane: Plane, key: string) => plane.connect(key).unary(AdminService.method.listPrincipals, {}),
  } satisfies Record<Served, unknown>;
  const allowed: Record<Served, readonly Served[]> = {
    approver: ['approver'],
    auditor: ['auditor'],
    admin: ['admin', 'auditor'],
  };
  const record = { sequence: 1n, previousHash: new Uint8Array(32), hash: new Uint8Array(32), body: new Uint8Array() };
  const roles: readonly Served[] = ['approver', 'auditor', 'admin'];

  it.each(roles)('opens to the role %s its own services and no others', async (role) => {
    const plane = await opened(controlPlane({ approvals: { listApprovals: async () => [] }, records: [record] }));
    const key = plane.principals.add({ ...OPERATOR, id: 'one-role', roles: [role] });
    for (const service of roles) {
      const call = calls[service](plane, key);
      if (allowed[role].includes(service)) await expect(call).resolves.toBeDefined();
      else await expect(call).rejects.toMatchObject({ status: 'PERMISSION_DENIED', reason: 'ROLE_MISSING' });
    }
  });

  it('refuses an agent everywhere', async () => {
    const plane = await opened(controlPlane());
    const key = plane.principals.add(AGENT);
    for (const service of roles) {
      await expect(calls[service](plane, key)).rejects.toMatchObject({ reason: 'ROLE_MISSING' });
    }
  });
});
