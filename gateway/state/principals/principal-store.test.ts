import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditKind } from '../../core/audit/audit-record.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { createOperator, sampleOperator, sampleWallet } from '../testing/sample-principals.ts';
import { sampleEntry } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;
const [hot, cold] = [sampleWallet('hot'), sampleWallet('cold')];

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  await state.wallets.sync([hot, cold]);
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

function createAgent(id: string, wallets: readonly string[] = []) {
  return state.principals.create({ kind: 'agent', id, wallets }, sampleEntry('principal.created'));
}

function createKey(principalId: string, keyId: string = randomUUID()) {
  const secretHash = new Uint8Array(createHash('sha256').update(keyId).digest());
  return state.principals.createKey({ keyId, principalId, secretHash }, sampleEntry('api_key.created'));
}

async function find(id: string) {
  return (await state.principals.list()).find((each) => each.principal.id === id);
}

/** The kinds of the audit records that `work` left. */
async function recordedBy(work: () => Promise<unknown>): Promise<AuditKind[]> {
  const before = (await state.audit.head())?.sequence ?? 0n;
  await work();
  const records = await state.audit.readAfter(before, 100);
  return records.map((record) => JSON.parse(Buffer.from(record.body).toString()).kind);
}

describe('create', () => {
  it('makes agents with their wallets and operators with roles and groups, each with a record', async () => {
    expect(await state.principals.hasOperator()).toBe(false);
    const operator = sampleOperator('olga', { roles: ['admin', 'auditor'], groups: ['a,b', '"c"'] });
    expect(await recordedBy(() => state.principals.create(operator, sampleEntry('principal.created')))).toEqual([
      'principal.created',
    ]);
    expect(await find('olga')).toMatchObject({ principal: operator, disabledAt: null });
    expect(await createAgent('payer', ['hot', 'cold', 'hot'])).toMatchObject({
      principal: { kind: 'agent', id: 'payer', wallets: ['cold', 'hot'] },
    });
    expect(await state.principals.hasOperator()).toBe(true);
  });

  it('refuses an id that exists, also of the other kind, and a wallet that is not configured', async () => {
    await createAgent('twice');
    const recorded = await recordedBy(async () => {
      expect(await createAgent('twice')).toBe('exists');
      expect(await state.principals.create(sampleOperator('twice'), sampleEntry('principal.created'))).toBe('exists');
      expect(await createAgent('new-one', ['hot', 'lost'])).toBe('unknown_wallet');
    });
    expect(recorded).toEqual([]);
    expect(await find('new-one')).toBeUndefined();
  });

  it('makes one of many at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => createAgent('raced')));
    expect(results.filter((result) => result === 'exists')).toHaveLength(5);
  });
});

describe('disable', () => {
  it('shuts a principal out with all its keys, once', async () => {
    await createAgent('leaver', ['hot']);
    await createKey('leaver', 'leaver-key');
    expect(await state.principals.findByKey('leaver-key')).not.toBeNull();
    const disable = () => state.principals.disable('leaver', sampleEntry('principal.disabled'));
    expect(await recordedBy(disable)).toEqual(['principal.disabled']);
    expect(await state.principals.findByKey('leaver-key')).toBeNull();
    const first = await find('leaver');
    expect(first?.disabledAt).not.toBeNull();
    expect(await recordedBy(disable)).toEqual([]);
    expect(await find('leaver')).toEqual(first);
    expect(await createKey('leaver')).toBe('not_found');
  });

  it('finds nobody by an unknown id', async () => {
    expect(await state.principals.disable('nobody', sampleEntry('principal.disabled'))).toBe('not_found');
  });

  it('shuts the last admin out only once there is another with a key', async () => {
    const disable = () => state.principals.disable('olga', sampleEntry('principal.disabled'));
    expect(await recordedBy(async () => expect(await disable()).toBe('last_admin'))).toEqual([]);
    await createOperator(state, sampleOperator('ola', { roles: ['admin'] }));
    expect(await disable()).toBe('last_admin');
    await createKey('ola', 'a-1');
    expect(await disable()).toMatchObject({ disabledAt: expect.any(Number) });
    expect(await state.principals.hasOperator()).toBe(true);
  });
});

describe('an API key', () => {
  it('leads to its principal, with the hash of the secret and nothing of the secret', async () => {
    await createAgent('keyed', ['hot']);
    expect(await createKey('keyed', 'k-1')).toMatchObject({ keyId: 'k-1', principalId: 'keyed', revokedAt: null });
    expect(await state.principals.findByKey('k-1')).toEqual({
      principal: { kind: 'agent', id: 'keyed', wallets: ['hot'] },
      secretHash: new Uint8Array(createHash('sha256').update('k-1').digest()),
    });
  });

  it('of an operator tells since when there are both', async () => {
    const operator = await createOperator(state, sampleOperator('newcomer'));
    const key = await createKey('newcomer', 'k-new');
    if (key === 'not_found') throw new Error('there is no such operator');
    const found = await state.principals.findByKey('k-new');
    expect(found?.principal).toEqual({ ...operator, since: key.createdAt, gained: {}, revision: 1n });
  });

  it('does not exist for nobody, and not twice', async () => {
    expect(await createKey('nobody')).toBe('not_found');
    await createAgent('double');
    await createKey('double', 'k-2');
    await expect(createKey('double', 'k-2')).rejects.toMatchObject({ reason: 'INTERNAL' });
  });

  it('is refused where it holds anything but 32 bytes of hash', async () => {
    await createAgent('short');
    const key = { keyId: 'k-3', principalId: 'short', secretHash: new TextEncoder().encode('the secret itself') };
    await expect(state.principals.createKey(key, sampleEntry('api_key.created'))).rejects.toMatchObject({
      reason: 'INTERNAL',
    });
  });

  it('leads nowhere once it is revoked, and is revoked once', async () => {
    await createAgent('revoked');
    await createKey('revoked', 'k-4');
    const revoke = () => state.principals.revokeKey('k-4', sampleEntry('api_key.revoked'));
    expect(await recordedBy(revoke)).toEqual(['api_key.revoked']);
    expect(await recordedBy(revoke)).toEqual([]);
    expect(await state.principals.findByKey('k-4')).toBeNull();
    expect(await state.principals.findByKey('never-made')).toBeNull();
    expect(await state.principals.revokeKey('never-made', sampleEntry('api_key.revoked'))).toBe('not_found');
  });

  it("is not revoked where it is the last with which an admin can call, also by two who revoke each other's at once", async () => {
    const revoke = (keyId: string) => state.principals.revokeKey(keyId, sampleEntry('api_key.revoked'));
    await createOperator(state, sampleOperator('keyless', { roles: ['admin'] }));
    await createOperator(state, sampleOperator('no-admin', { roles: ['auditor'] }));
    await createOperator(state, sampleOperator('gone', { roles: ['admin'] }));
    for (const [owner, keyId] of [
      ['no-admin', 'a-2'],
      ['gone', 'a-3'],
    ] as const)
      await createKey(owner, keyId);
    await state.principals.disable('gone', sampleEntry('principal.disabled'));
    expect(await recordedBy(async () => expect(await revoke('a-1')).toBe('last_admin_key'))).toEqual([]);
    expect(await state.principals.findByKey('a-1')).not.toBeNull();
    expect(await Promise.all([revoke('a-2'), revoke('a-3')])).toMatchObject([{ keyId: 'a-2' }, { keyId: 'a-3' }]);
    await createKey('keyless', 'a-4');
    const results = await Promise.all([revoke('a-1'), revoke('a-4')]);
    expect(results.filter((result) => result === 'last_admin_key')).toHaveLength(1);
  });

  it('is listed, for one principal or for all', async () => {
    await createAgent('lister');
    await createKey('lister', 'k-5');
    await createKey('lister', 'k-6');
    expect((await state.principals.listKeys('lister')).map((key) => key.keyId)).toEqual(['k-5', 'k-6']);
    expect((await state.principals.listKeys(null)).length).toBeGreaterThan(2);
    expect(await state.principals.listKeys('nobody')).toEqual([]);
  });
});

describe('wallet bindings', () => {
  it('come and go, each change with a record', async () => {
    await createAgent('binder');
    const bind = () => state.principals.bindWallet('binder', 'hot', sampleEntry('wallet.bound'));
    const unbind = () => state.principals.unbindWallet('binder', 'hot', sampleEntry('wallet.unbound'));
    expect(await recordedBy(bind)).toEqual(['wallet.bound']);
    expect(await recordedBy(bind)).toEqual([]);
    expect((await find('binder'))?.principal).toEqual({ kind: 'agent', id: 'binder', wallets: ['hot'] });
    expect(await recordedBy(unbind)).toEqual(['wallet.unbound']);
    expect(await unbind()).toBe('not_found');
    expect((await find('binder'))?.principal).toMatchObject({ wallets: [] });
  });

  it('are refused for unknown agents and wallets, for operators, and for disabled agents', async () => {
    await state.principals.create(sampleOperator('no-agent'), sampleEntry('principal.created'));
    await createAgent('unbound');
    const bind = (agent: string, wallet: string) =>
      state.principals.bindWallet(agent, wallet, sampleEntry('wallet.bound'));
    expect(await bind('nobody', 'hot')).toBe('not_found');
    expect(await bind('no-agent', 'hot')).toBe('not_found');
    expect(await bind('unbound', 'lost')).toBe('not_found');
    await state.principals.disable('unbound', sampleEntry('principal.disabled'));
    expect(await bind('unbound', 'hot')).toBe('not_found');
  });
});

describe('wallets.sync', () => {
  it('makes the table hold what is configured, and takes a dropped wallet from its agents', async () => {
    await createAgent('holder', ['hot', 'cold']);
    await state.wallets.sync([hot]);
    expect(await state.wallets.list()).toEqual([hot]);
    expect((await find('holder'))?.principal).toMatchObject({ wallets: ['hot'] });
    await state.wallets.sync([cold, hot]);
    expect(await state.wallets.list()).toEqual([cold, hot]);
    expect((await find('holder'))?.principal).toMatchObject({ wallets: ['cold', 'hot'] });
  });

  it('refuses another address for a known id, also a dropped one, and changes nothing', async () => {
    await state.wallets.sync([hot]);
    const stranger = sampleWallet('cold');
    await expect(state.wallets.sync([stranger, sampleWallet('extra')])).rejects.toThrow(
      `the wallet cold is known with the address ${cold.address} and cannot become ${stranger.address}`,
    );
    expect(await state.wallets.list()).toEqual([hot]);
    await expect(state.wallets.sync([sampleWallet('new'), sampleWallet('new')])).rejects.toThrow('the wallet new');
    await state.wallets.sync([hot, cold]);
  });

  it('may run in many gateways at once', async () => {
    await Promise.all(Array.from({ length: 6 }, () => state.wallets.sync([cold, hot])));
    expect(await state.wallets.list()).toEqual([cold, hot]);
  });
});

it('writes no secret anywhere in the database', async () => {
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>('SELECT * FROM api_keys LIMIT 1');
  await client.end();
  expect(Object.keys(rows[0] ?? {})).toEqual([
    'key_id',
    'principal_id',
    'secret_hash',
    'created_at_ms',
    'revoked_at_ms',
  ]);
});
