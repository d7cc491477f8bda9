// One admin who was taken over, against a gateway in a process of its own: operators and keys that such an admin makes count for nothing yet.
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { AdminService, FreezeScope, OperatorRole, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { ApprovalService, ApprovalState } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { WalletService } from '../../proto/gen/countersign/v1/wallet_pb.ts';
import { TEMPLATE } from '../../scripts/dev/environment.ts';
import { AGENT, developmentPolicyData, WALLET } from '../../scripts/dev/policy-data.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';

const HOURS = 24;
const { freeze, unfreeze, createPrincipal, createApiKey, listFreezes } = AdminService.method;
const { approve, reject, getApproval } = ApprovalService.method;
const { createWallet, proposeWalletAction, voteForWalletAction } = WalletService.method;

let fixture: TestGateway;
let gateway: GatewayProcess;
let database: pg.Client;
/** Made by the operator of the fixture, which was there before. */
let [eve, mallory]: Connection[] = [];

beforeAll(async () => {
  fixture = await startTestGateway({ config: { controls: { new_admin_wait_hours: HOURS, unfreeze_quorum: 2 } } });
  const { environment, databaseUrl } = fixture;
  await environment.gateway.stop();
  const { recipient, token, directory } = environment;
  const rules = developmentPolicyData({ recipient, mint: token.address }).agents[AGENT].wallets[WALLET];
  const ofTwo = { ...rules, human_approval: { ...rules.human_approval, quorum: 2n } };
  await buildBundle({
    data: { agents: { [AGENT]: { wallets: { [WALLET]: ofTwo } } } },
    outDir: join(directory, 'bundle'),
  });
  database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  await makeOlder(HOURS);
  gateway = await startGatewayProcess(fixture);
  [eve, mallory] = [await newOperator('eve'), await newOperator('mallory')];
});

afterAll(async () => {
  for (const connection of [eve, mallory]) connection?.close();
  await gateway.kill();
  await database.end();
  await fixture.stop();
});

it('neither lift a freeze, nor agree to what is done with keys, nor approve, and are told from when they may', async () => {
  const { operator } = gateway;
  await operator.unary(createWallet, { wallet: 'hot-1', template: TEMPLATE });
  const { freeze: made } = await operator.unary(freeze, {
    scope: FreezeScope.MINT,
    target: fixture.environment.token.address,
    reason: 'odd',
  });
  const freezeId = made?.freezeId ?? '';
  const wanted = { wallet: 'hot-1', reason: 'over', action: { case: 'destroy', value: {} } } as const;
  const proposalId = (await operator.unary(proposeWalletAction, wanted)).proposal?.proposalId ?? '';
  await operator.unary(unfreeze, { freezeId, reason: 'fine' });
  const vote = await pendingApproval();
  const votes = (by: Connection) => [
    () => by.unary(unfreeze, { freezeId, reason: 'fine' }),
    () => by.unary(voteForWalletAction, { proposalId, reason: 'aye' }),
    () => by.unary(approve, vote),
  ];
  const ownNewKey = await keyOf('operator');
  for (const [who, by] of [
    ['eve', newcomer(eve)],
    ['mallory', newcomer(mallory)],
    ['operator', ownNewKey],
  ] as const) {
    for (const cast of votes(by)) {
      await expect(cast()).rejects.toMatchObject({
        reason: 'VOTE_REFUSED',
        message: expect.stringMatching(new RegExp(`count after ${HOURS} h .*for ${who} with this key from 20\\d\\d-`)),
      });
    }
  }
  ownNewKey.close();
  expect((await operator.unary(listFreezes, {})).freezes).toMatchObject([{ freezeId }]);

  await makeOlder(HOURS);
  for (const cast of votes(newcomer(eve))) {
    // An answer of the database is kept for a second.
    await expect.poll(() => cast().then(() => 'counted', String)).toBe('counted');
  }
  expect((await operator.unary(listFreezes, {})).freezes).toEqual([]);
  await operator.unary(approve, vote);
  const { approval } = await operator.unary(getApproval, { approvalId: vote.approvalId });
  expect(approval?.state).toBe(ApprovalState.APPROVED);
});

it('may stop things at once', async () => {
  const trent = await newOperator('trent');
  const { approvalId } = await pendingApproval();
  await trent.unary(reject, { ...(await voteOn(approvalId)), comment: 'who is this?' });
  await trent.unary(freeze, { scope: FreezeScope.AGENT, target: AGENT, reason: 'stolen' });
  await expect(pendingApproval()).rejects.toThrow('denied');
  trent.close();
});

function newcomer(connection: Connection | undefined): Connection {
  if (connection === undefined) throw new Error('nobody was made');
  return connection;
}

async function newOperator(principal: string): Promise<Connection> {
  const roles = [OperatorRole.ADMIN, OperatorRole.APPROVER];
  await gateway.operator.unary(createPrincipal, { principal, kind: PrincipalKind.OPERATOR, roles });
  return keyOf(principal);
}

async function keyOf(principal: string): Promise<Connection> {
  const { secret } = await gateway.operator.unary(createApiKey, { principal });
  return openConnection({ address: gateway.controlPlane, apiKey: secret, caFile: null });
}

/** Everybody, and every key, by the database's clock. */
async function makeOlder(hours: number): Promise<void> {
  const ms = hours * 3_600_000;
  await database.query(`UPDATE principals SET created_at_ms = created_at_ms - ${ms}`);
  await database.query(`UPDATE api_keys SET created_at_ms = created_at_ms - ${ms}`);
}

let lamports = 1_500_000_000n;

async function pendingApproval() {
  const { wallet, recipient } = fixture.environment;
  lamports += 1n;
  const transaction = solTransfer(wallet.address, recipient, lamports);
  const ask = { wallet: WALLET, transaction, setFreshBlockhash: true };
  const { outcome } = await gateway.agent.unary(SigningService.method.signTransaction, ask);
  if (outcome.case !== 'pendingApproval') throw new Error(`answered ${outcome.case}`);
  return voteOn(outcome.value.approvalId);
}

async function voteOn(approvalId: string) {
  const { approval } = await gateway.operator.unary(getApproval, { approvalId });
  return { approvalId, intentDigest: approval?.intentDigest ?? new Uint8Array() };
}
