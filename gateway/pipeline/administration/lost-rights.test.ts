import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Agent, Operator } from '../../core/principal/principal.ts';
import { keyAddress } from '../../core/transaction/testing/wire-builder.ts';
import type { State } from '../../state/contract/state.ts';
import { openState } from '../../state/open-state.ts';
import { createAdmin, createOperator, sampleOperator, sampleWallet } from '../../state/testing/sample-principals.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../../state/testing/test-database.ts';
import { type ApproverKeys, createApproverKeys } from '../approval/approver-keys.ts';
import { type Administration, createAdministration, newApiKey } from './administration.ts';
import { createSessionKeys, type SessionKeys } from './session-keys.ts';

let database: TestDatabase;
let state: State;
let administration: Administration;
let approverKeys: ApproverKeys;
let sessionKeys: SessionKeys;
/** What another admin does meanwhile, at another gateway. */
let other: pg.Client;
const AGENT: Agent = { kind: 'agent', id: 'bot', wallets: ['hot'] };
const TERMS = { wallets: ['hot'], methods: ['sign'], maxima: [], lifetimeMs: null } as const;
const [KEY, NEW_KEY] = [keyAddress(7), keyAddress(8)];
const apiKeyId = newApiKey().keyId;
let sessionKeyId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'one' });
  const now = () => 5;
  const listBudgets = () => Promise.reject(new Error('the test did not plan a look at budgets'));
  administration = createAdministration({ ...state, listBudgets, now });
  approverKeys = createApproverKeys({ ...state, keys: state.approverKeys, asAdmin: state.asAdmin, now });
  sessionKeys = createSessionKeys({ state, now, maxLifetimeMs: 3_600_000 });
  const eva = await createAdmin(state, 'eva');
  await state.wallets.sync(['hot', 'cold'].map(sampleWallet));
  await state.principals.create(AGENT, sampleEntry('principal.created'));
  await createOperator(state, sampleOperator('ann'));
  const key = { keyId: apiKeyId, principalId: 'bot', secretHash: new Uint8Array(32) };
  await state.principals.createKey(key, sampleEntry('api_key.created'));
  await approverKeys.register(eva, { operatorId: 'ann', publicKey: KEY });
  sessionKeyId = (await sessionKeys.createFor(eva, 'bot', TERMS)).record.session.keyId;
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
});

afterAll(async () => {
  await other.end();
  await state.close();
  await database.drop();
});

const CHANGES: readonly (readonly [string, (by: Operator) => Promise<unknown>])[] = [
  ['makes a principal', (by) => administration.createPrincipal(by, sampleOperator('puppet', { roles: ['admin'] }))],
  [
    'gives other rights',
    (by) => administration.changeOperator(by, { operatorId: 'ann', roles: ['admin'], groups: [], revision: 1n }),
  ],
  ['makes an API key', (by) => administration.createApiKey(by, 'ann')],
  ['revokes an API key', (by) => administration.revokeApiKey(by, apiKeyId)],
  ['binds a wallet', (by) => administration.bindWallet(by, 'bot', 'cold')],
  ['registers the key of an approver', (by) => approverKeys.register(by, { operatorId: 'ann', publicKey: NEW_KEY })],
  ['revokes the key of an approver', (by) => approverKeys.revoke(by, KEY)],
  ['makes a session key', (by) => sessionKeys.createFor(by, 'bot', TERMS)],
  ['revokes a session key', (by) => sessionKeys.revoke(by, sessionKeyId)],
  ['takes a wallet away', (by) => administration.unbindWallet(by, 'bot', 'hot')],
  ['shuts a principal out', (by) => administration.disablePrincipal(by, 'ann')],
];

const LOSSES: readonly (readonly [string, string, (by: Operator) => string])[] = [
  [
    'is disabled',
    'CREDENTIALS_INVALID',
    ({ id }) => `UPDATE principals SET disabled_at_ms = clock_ms() WHERE principal_id = '${id}'`,
  ],
  [
    'loses the role',
    'ROLE_MISSING',
    ({ id }) => `UPDATE principals SET roles = '{auditor}' WHERE principal_id = '${id}'`,
  ],
  // As a gateway of an older version may do it: without a lock on the controls.
  [
    'has that key revoked',
    'CREDENTIALS_INVALID',
    ({ keyId }) => `UPDATE api_keys SET revoked_at_ms = clock_ms() WHERE key_id = '${keyId}'`,
  ],
];

describe.each(LOSSES)('an operator with the role policy who %s while the call is under way', (_loss, reason, taken) => {
  it('chooses no policy', async () => {
    const { keyId, ...admin } = await createAdmin(state, `policy-${randomUUID()}`);
    const by: Operator = { ...admin, roles: ['admin', 'policy'], keyId: keyId ?? '' };
    await database.run(`UPDATE principals SET roles = '{admin,policy}' WHERE principal_id = '${by.id}'`);
    const choose = () =>
      state.asPolicyOperator(by).select({ shadowRevision: null }, by.id, sampleEntry('policy.shadowed'));
    expect(await choose()).toMatchObject({ chosenBy: by.id });
    await loses(by, reason, taken, choose);
  });
});

describe.each(LOSSES)('an admin who %s while the call is under way', (_loss, reason, taken) => {
  it.each(CHANGES)('changes nothing who %s', async (_change, change) => {
    const by = await createAdmin(state, `admin-${randomUUID()}`);
    await loses(by, reason, taken, () => change(by));
  });
});

async function loses(by: Operator, reason: string, taken: (by: Operator) => string, change: () => Promise<unknown>) {
  const before = await state.audit.head();
  await other.query('BEGIN');
  await other.query(taken(by));
  let isOver = false;
  const changed = change().finally(() => {
    isOver = true;
  });
  const refused = expect(changed).rejects.toMatchObject({
    reason,
    message: expect.stringContaining('nothing was changed'),
  });
  await vi.waitFor(async () => expect(isOver || (await isWaiting())).toBe(true), { timeout: 5_000, interval: 5 });
  await other.query('COMMIT');
  await refused;
  expect(await state.audit.head()).toEqual(before);
}

it('an admin who is one still changes all of it, and one whose key nobody knows nothing', async () => {
  const { keyId, ...keyless } = await createAdmin(state, 'admin-who-stays');
  await expect(administration.createApiKey(keyless, 'ann')).rejects.toMatchObject({ reason: 'INTERNAL' });
  for (const [, change] of CHANGES) await change({ ...keyless, keyId: keyId ?? '' });
});

async function isWaiting(): Promise<boolean> {
  const { rowCount } = await other.query(
    'SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()',
  );
  return rowCount !== 0;
}
