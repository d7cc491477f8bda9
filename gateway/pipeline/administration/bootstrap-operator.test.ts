import { describe, expect, it } from 'vitest';
import { memoryPrincipals } from '../../rpc/testing/principals.ts';
import { AGENT, OPERATOR } from '../../rpc/testing/samples.ts';
import { newApiKey } from './administration.ts';
import { bootstrapOperator } from './bootstrap-operator.ts';
import { secretHash } from './secret-hash.ts';

const key = newApiKey();
const options = { readKey: () => key, operatorId: 'root', now: () => 7 };
const neverRead = () => {
  throw new Error('the test did not plan a look at the key');
};

describe('the first operator', () => {
  it('gets all roles and the key, and stands in the audit chain without its secret', async () => {
    const principals = memoryPrincipals();
    expect(await bootstrapOperator({ principals, ...options })).toEqual({ kind: 'created', operatorId: 'root' });
    const found = await principals.findByKey(key.keyId);
    expect(found?.principal).toEqual({
      kind: 'operator',
      id: 'root',
      roles: ['admin', 'approver', 'auditor', 'policy'],
      groups: [],
    });
    expect(Buffer.compare(Buffer.from(found?.secretHash ?? []), secretHash(key.secret))).toBe(0);
    expect(principals.audit.map(({ kind, actor, time }) => [kind, actor, time])).toEqual([
      ['principal.created', 'gateway', 7],
      ['api_key.created', 'gateway', 7],
    ]);
    expect(JSON.stringify(principals.audit)).not.toContain(key.secret);
  });

  it('is made although there are agents', async () => {
    const principals = memoryPrincipals();
    principals.add(AGENT);
    expect(await bootstrapOperator({ principals, ...options })).toMatchObject({ kind: 'created' });
  });

  it('is made once: the next start does not even look at the key', async () => {
    const principals = memoryPrincipals();
    await bootstrapOperator({ principals, ...options });
    const again = await bootstrapOperator({ principals, ...options, readKey: neverRead });
    expect(again).toEqual({ kind: 'unneeded' });
  });

  it('is not made beside another operator', async () => {
    const principals = memoryPrincipals();
    principals.add(OPERATOR);
    expect(await bootstrapOperator({ principals, ...options, readKey: neverRead })).toEqual({ kind: 'unneeded' });
    expect(principals.audit).toEqual([]);
  });

  it('gets its key after a crash between the two writes', async () => {
    const principals = memoryPrincipals();
    const crashing = { ...principals, createKey: () => Promise.reject(new Error('killed')) };
    await expect(bootstrapOperator({ principals: crashing, ...options })).rejects.toThrow('killed');
    expect(await bootstrapOperator({ principals, ...options })).toMatchObject({ kind: 'created' });
    expect(await principals.findByKey(key.keyId)).not.toBeNull();
  });

  it('does not come back after all its keys were revoked, nor after it was disabled', async () => {
    const principals = memoryPrincipals();
    await bootstrapOperator({ principals, ...options });
    const audit = { kind: 'api_key.revoked', time: 1, requestId: null, actor: 'x', facts: {} } as const;
    await principals.revokeKey(key.keyId, audit);
    expect(await bootstrapOperator({ principals, ...options, readKey: neverRead })).toEqual({ kind: 'unneeded' });
    await principals.disable('root', audit);
    expect(await bootstrapOperator({ principals, ...options, readKey: neverRead })).toEqual({ kind: 'unneeded' });
  });
});
