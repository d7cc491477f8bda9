// Roles and groups that an admin gives and takes at one gateway process, seen from another: who may call, and whose votes count.
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { AdminService, FreezeScope, OperatorRole, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { developmentPolicyData } from '../../scripts/dev/policy-data.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';

const { createPrincipal, createApiKey, listPrincipals, changeOperator, freeze, unfreeze, listFreezes } =
  AdminService.method;
const { ADMIN, APPROVER, AUDITOR, POLICY } = OperatorRole;
const OPERATOR = 'operator';

let fixture: TestGateway;
let one: GatewayProcess;
let two: GatewayProcess;
const open: Connection[] = [];

beforeAll(async () => {
  fixture = await startTestGateway({ config: { controls: { new_admin_wait_hours: 24, unfreeze_quorum: 2 } } });
  const { environment } = fixture;
  await environment.gateway.stop();
  await demandTwoOfTreasury();
  [one, two] = await Promise.all([startGatewayProcess(fixture), startGatewayProcess(fixture)]);
});

afterAll(async () => {
  for (const connection of open) connection.close();
  await Promise.all([one.kill(), two.kill()]);
  await fixture.stop();
});

it('a role that is given and taken counts on the other gateway too, and ends what is read by it', async () => {
  const viewer = await operator('vic', [AUDITOR]);
  const admitted = () => reasonOf(viewer.unary(listPrincipals, {}));
  expect(await admitted()).toBe('ROLE_MISSING');
  await change('vic', { roles: [AUDITOR, ADMIN] });
  await expect.poll(admitted, { timeout: 5_000, interval: 50 }).toBe('done');
  await change('vic', { roles: [AUDITOR] });
  await expect.poll(admitted, { timeout: 5_000, interval: 50 }).toBe('ROLE_MISSING');
  const reading = reasonOf(Array.fromAsync(viewer.stream(AuditService.method.streamAuditRecords, {})));
  await change('vic', { roles: [] });
  expect(await reading).toBe('ROLE_MISSING');
  expect(await changesOf('vic')).toEqual([
    { by: OPERATOR, from: ['auditor'], to: ['admin', 'auditor'] },
    { by: OPERATOR, from: ['admin', 'auditor'], to: ['auditor'] },
    { by: OPERATOR, from: ['auditor'], to: [] },
  ]);
});

it('an old viewer who is made an admin is a new one where it takes two, and the vote of who is none any more does not count', async () => {
  const viewer = await operator('wes', [AUDITOR]);
  const ben = await operator('ben', [ADMIN]);
  await aged();
  const asked = { scope: FreezeScope.MINT, target: fixture.environment.token.address, reason: 'odd' };
  const freezeId = (await one.operator.unary(freeze, asked)).freeze?.freezeId ?? '';
  const voteOf = (voter: Connection) => reasonOf(voter.unary(unfreeze, { freezeId, reason: 'over' }));
  await change('wes', { roles: [AUDITOR, ADMIN] });
  await expect.poll(() => reasonOf(viewer.unary(listFreezes, {})), { timeout: 5_000, interval: 50 }).toBe('done');
  await expect(viewer.unary(unfreeze, { freezeId, reason: 'over' })).rejects.toMatchObject({
    reason: 'VOTE_REFUSED',
    message: expect.stringContaining('count after 24 h'),
  });
  expect(await voteOf(ben)).toBe('done');
  await change('ben', { roles: [AUDITOR] });
  await expect.poll(() => voteOf(one.operator), { timeout: 5_000, interval: 50 }).toBe('done');
  const votes = async () => (await one.operator.unary(listFreezes, {})).freezes[0]?.votes.map(({ counts }) => counts);
  expect(await votes()).toEqual([false, true]);
  await change('ben', { roles: [ADMIN] });
  expect(await votes()).toEqual([false, true]);
  await aged();
  await expect.poll(() => voteOf(ben), { timeout: 5_000, interval: 50 }).toBe('done');
  expect((await one.operator.unary(listFreezes, {})).freezes).toEqual([]);
});

it('a vote for a payment does not count by a group that its approver is not in any more', async () => {
  const [ann, tom] = [await operator('ann', [APPROVER], ['treasury']), await operator('tom', [APPROVER], ['treasury'])];
  await aged();
  const { wallet, recipient } = fixture.environment;
  const { outcome, requestId } = await one.agent.unary(SigningService.method.signTransaction, {
    wallet: wallet.id,
    transaction: solTransfer(wallet.address, recipient, 1_000_000_001n),
    setFreshBlockhash: true,
  });
  if (outcome.case !== 'pendingApproval') throw new Error(`answered ${outcome.case}`);
  const { approvalId } = outcome.value;
  const { approval } = await ann.unary(ApprovalService.method.getApproval, { approvalId });
  const intentDigest = approval?.intentDigest ?? new Uint8Array();
  const vote = (voter: Connection) => voter.unary(ApprovalService.method.approve, { approvalId, intentDigest });
  await vote(ann);
  await change('ann', { groups: [] });
  await vote(tom);
  const state = async () => (await one.agent.unary(SigningService.method.getTransaction, { requestId })).request?.state;
  expect(await state()).toBe(RequestState.AWAITING_APPROVAL);
  expect(await reasonOf(vote(ann))).toBe('VOTE_REFUSED');
  await change('ann', { groups: ['treasury'] });
  expect(await reasonOf(vote(ann))).toBe('VOTE_REFUSED');
  await aged();
  await expect.poll(() => reasonOf(vote(ann)), { timeout: 5_000, interval: 50 }).toBe('done');
  await expect.poll(state, { timeout: 5_000 }).toBe(RequestState.SIGNED);
});

it('the last key with which an admin can call is not revoked: nobody could make another', async () => {
  const { listApiKeys, revokeApiKey } = AdminService.method;
  const { principals } = await one.operator.unary(listPrincipals, {});
  const others = principals.filter(({ principal, roles }) => roles.includes(ADMIN) && principal !== OPERATOR);
  for (const { principal } of others) await change(principal, { roles: [AUDITOR] });
  const { keys } = await one.operator.unary(listApiKeys, { principal: OPERATOR });
  expect(keys).toHaveLength(1);
  await expect(one.operator.unary(revokeApiKey, { keyId: keys[0]?.keyId ?? '' })).rejects.toMatchObject({
    reason: 'PRINCIPAL_CHANGE_REFUSED',
    message: expect.stringContaining('make another one first'),
  });
});

it('of admins who take the role from each other at once, at two gateways, one stays', async () => {
  const rival = await operator('roy', [ADMIN]);
  const { principals } = await one.operator.unary(listPrincipals, {});
  const take = (by: Connection, principal: string) => {
    const revision = principals.find((each) => each.principal === principal)?.revision ?? 0n;
    return reasonOf(by.unary(changeOperator, { principal, roles: [AUDITOR, POLICY], revision }));
  };
  const results = await Promise.all([take(one.operator, 'roy'), take(rival, OPERATOR)]);
  expect(results.sort()).toEqual(['ROLE_MISSING', 'done']);
});

async function demandTwoOfTreasury(): Promise<void> {
  const { directory, recipient, token } = fixture.environment;
  const rules = developmentPolicyData({ recipient, mint: token.address }).agents.trader.wallets.treasury;
  const treasury = { ...rules, human_approval: { ...rules.human_approval, quorum: 2n, groups: ['treasury'] } };
  await buildBundle({ data: { agents: { trader: { wallets: { treasury } } } }, outDir: join(directory, 'bundle') });
}

/** Calls the second gateway. */
async function operator(principal: string, roles: OperatorRole[], groups: string[] = []): Promise<Connection> {
  await one.operator.unary(createPrincipal, { principal, kind: PrincipalKind.OPERATOR, roles, groups });
  const { secret } = await one.operator.unary(createApiKey, { principal });
  const connection = openConnection({ address: two.controlPlane, apiKey: secret, caFile: null });
  open.push(connection);
  return connection;
}

/** By the first operator, at the first gateway. */
async function change(principal: string, rights: { roles?: OperatorRole[]; groups?: string[] }): Promise<void> {
  const { principals } = await one.operator.unary(listPrincipals, {});
  const { roles = [], groups = [], revision = 0n } = principals.find((each) => each.principal === principal) ?? {};
  await one.operator.unary(changeOperator, { principal, roles, groups, revision, ...rights });
}

/** As if all this had been two days ago, when nobody is new any more. */
async function aged(): Promise<void> {
  const client = new Client({ connectionString: fixture.databaseUrl });
  await client.connect();
  await client.query(`UPDATE principals SET created_at_ms = created_at_ms - 2 * 86400000,
    gained = coalesce((SELECT jsonb_object_agg(key, value::bigint - 2 * 86400000) FROM jsonb_each_text(gained)), '{}')`);
  await client.query('UPDATE api_keys SET created_at_ms = created_at_ms - 2 * 86400000');
  for (const votes of ['votes', 'freeze_votes'])
    await client.query(`UPDATE ${votes} SET time_ms = time_ms - 3 * 86400000`);
  await client.end();
}

async function changesOf(principal: string): Promise<readonly unknown[]> {
  const request = { afterSequence: 0n, stopAtHead: true, filter: { kinds: ['operator.changed'] } };
  const found = [];
  for await (const { record } of one.operator.stream(AuditService.method.streamAuditRecords, request)) {
    const { actor, facts } = JSON.parse(new TextDecoder().decode(record?.body));
    if (facts.principal === principal) found.push({ by: actor, from: facts.from.roles, to: facts.to.roles });
  }
  return found;
}

function reasonOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: { reason?: string }) => error.reason ?? String(error),
  );
}
