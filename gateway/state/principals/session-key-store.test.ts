import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Limit } from '../../core/decision/decision.ts';
import type { NewSessionKey } from '../contract/session-key-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleWallet } from '../testing/sample-principals.ts';
import { sampleEntry } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  await state.wallets.sync([sampleWallet('hot'), sampleWallet('cold')]);
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

const LIMIT: Limit = {
  id: 'session/k/outflow:SOL',
  scope: 'session',
  session: 'k',
  measure: { kind: 'outflow', asset: 'SOL' },
  window: { kind: 'lifetime' },
  max: 18_446_744_073_709_551_616n,
  onExceed: { kind: 'deny' },
};

async function newAgent(): Promise<string> {
  const id = `agent-${randomUUID()}`;
  await state.principals.create({ kind: 'agent', id, wallets: ['hot', 'cold'] }, sampleEntry('principal.created'));
  return id;
}

async function newApiKey(principalId: string): Promise<string> {
  const keyId = randomUUID();
  await state.principals.createKey({ keyId, principalId, secretHash: hashOf(keyId) }, sampleEntry('api_key.created'));
  return keyId;
}

function hashOf(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

function create(agentId: string, change: Partial<NewSessionKey> = {}) {
  const keyId = randomUUID();
  const key: NewSessionKey = {
    keyId,
    agentId,
    secretHash: hashOf(keyId),
    lineage: [],
    wallets: ['hot'],
    methods: ['sign', 'evaluate'],
    limits: [LIMIT],
    lifetimeMs: 60_000,
    notAfter: null,
    isLifetimeAsked: true,
    ...change,
  };
  return state.sessionKeys.create(key, sampleEntry('session_key.created'));
}

async function made(agentId: string, change: Partial<NewSessionKey> = {}) {
  const result = await create(agentId, change);
  if (result.kind !== 'created') throw new Error(`not created: ${result.kind}`);
  return result.record.session;
}

const isValid = async (keyId: string) => (await state.sessionKeys.findByKey(keyId)) !== null;

describe('a session key', () => {
  it('is found with what it may do, and with all wallets of its agent', async () => {
    const agentId = await newAgent();
    const session = await made(agentId);
    expect(await state.sessionKeys.findByKey(session.keyId)).toEqual({
      agent: { kind: 'agent', id: agentId, wallets: ['cold', 'hot'] },
      session: { ...session, wallets: ['hot'], methods: ['sign', 'evaluate'], limits: [LIMIT], lineage: [] },
      secretHash: hashOf(session.keyId),
    });
  });

  it('is no API key: a gateway that does not know session keys refuses it', async () => {
    const session = await made(await newAgent());
    expect(await state.principals.findByKey(session.keyId)).toBeNull();
  });

  it('ends by the clock of the database', async () => {
    const session = await made(await newAgent());
    expect(await isValid(session.keyId)).toBe(true);
    await database.run(
      `UPDATE session_keys SET created_at_ms = 1, expires_at_ms = clock_ms() WHERE key_id = '${session.keyId}'`,
    );
    expect(await isValid(session.keyId)).toBe(false);
    expect(await state.sessionKeys.find(session.keyId)).toMatchObject({ revokedAt: null });
  });

  it('ends with its agent', async () => {
    const agentId = await newAgent();
    const session = await made(agentId);
    await state.principals.disable(agentId, sampleEntry('principal.disabled'));
    expect(await isValid(session.keyId)).toBe(false);
    expect(await create(agentId)).toEqual({ kind: 'not_found' });
  });

  it('is made by no operator and by nobody who does not exist', async () => {
    expect(await create('nobody')).toEqual({ kind: 'not_found' });
  });
});

describe('revoking', () => {
  it('an API key ends all that comes from it, however far', async () => {
    const agentId = await newAgent();
    const [apiKey, other] = [await newApiKey(agentId), await newApiKey(agentId)];
    const child = await made(agentId, { lineage: [apiKey] });
    const grandchild = await made(agentId, { lineage: [apiKey, child.keyId] });
    const cousin = await made(agentId, { lineage: [other] });
    await state.principals.revokeKey(apiKey, sampleEntry('api_key.revoked'));
    expect(await isValid(child.keyId)).toBe(false);
    expect(await isValid(grandchild.keyId)).toBe(false);
    expect(await isValid(cousin.keyId)).toBe(true);
    expect((await state.sessionKeys.find(grandchild.keyId))?.revokedAt).not.toBeNull();
    expect(await create(agentId, { lineage: [apiKey, child.keyId] })).toEqual({ kind: 'not_found' });
  });

  it('a session key ends those made from it, and not the one that it comes from', async () => {
    const agentId = await newAgent();
    const parent = await made(agentId);
    const child = await made(agentId, { lineage: [parent.keyId] });
    const grandchild = await made(agentId, { lineage: [parent.keyId, child.keyId] });
    await state.sessionKeys.revoke(child.keyId, null, sampleEntry('session_key.revoked'));
    expect([await isValid(parent.keyId), await isValid(child.keyId), await isValid(grandchild.keyId)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is refused for what does not come from the key that asks', async () => {
    const agentId = await newAgent();
    const [mine, others] = [await made(agentId), await made(agentId)];
    const child = await made(agentId, { lineage: [others.keyId] });
    const audit = sampleEntry('session_key.revoked');
    expect(await state.sessionKeys.revoke(child.keyId, mine.keyId, audit)).toBe('not_found');
    expect(await state.sessionKeys.revoke(mine.keyId, mine.keyId, audit)).toBe('not_found');
    expect(await isValid(child.keyId)).toBe(true);
    expect(await state.sessionKeys.revoke(child.keyId, others.keyId, audit)).toMatchObject({ agentId });
    expect(await isValid(child.keyId)).toBe(false);
  });
});

describe('the life of a key', () => {
  it('is no longer than that of the key that it comes from: refused where it is asked for, else shortened', async () => {
    const agentId = await newAgent();
    const parent = await made(agentId, { lifetimeMs: 60_000 });
    const under = { lineage: [parent.keyId], notAfter: parent.expiresAt };
    expect(await create(agentId, { ...under, lifetimeMs: 61_000 })).toEqual({ kind: 'outlives_parent' });
    const child = await made(agentId, { ...under, lifetimeMs: 86_400_000, isLifetimeAsked: false });
    expect(child.expiresAt).toBe(parent.expiresAt);
    expect((await made(agentId, { ...under, lifetimeMs: 30_000 })).expiresAt).toBeLessThan(parent.expiresAt);
    expect(await create(agentId, { ...under, notAfter: 1, isLifetimeAsked: false })).toEqual({
      kind: 'outlives_parent',
    });
  });
});

it('the list shows what is valid, or all; of an agent, or under a key', async () => {
  const agentId = await newAgent();
  const parent = await made(agentId);
  const child = await made(agentId, { lineage: [parent.keyId] });
  const ended = await made(agentId);
  await state.sessionKeys.revoke(ended.keyId, null, sampleEntry('session_key.revoked'));
  const ids = async (filter: { readonly under: string | null; readonly ended: boolean }) =>
    new Set((await state.sessionKeys.list({ agentId, ...filter })).map(({ session }) => session.keyId));
  expect(await ids({ under: null, ended: false })).toEqual(new Set([parent.keyId, child.keyId]));
  expect(await ids({ under: null, ended: true })).toEqual(new Set([parent.keyId, child.keyId, ended.keyId]));
  expect(await ids({ under: parent.keyId, ended: true })).toEqual(new Set([child.keyId]));
});

it('an agent has a thousand valid keys at most, also where they are made at once', async () => {
  const agentId = await newAgent();
  await database.run(`INSERT INTO session_keys
    SELECT '${agentId}-' || n, '${agentId}', decode(repeat('00', 32), 'hex'), '{}', '{hot}', '{sign}', '[]', clock_ms(), clock_ms() + 60000
    FROM generate_series(1, 998) AS n`);
  const results = await Promise.all(Array.from({ length: 5 }, () => create(agentId)));
  expect(results.map(({ kind }) => kind).sort()).toEqual(['created', 'created', 'too_many', 'too_many', 'too_many']);
});
