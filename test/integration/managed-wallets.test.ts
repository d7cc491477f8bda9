// Wallets that are made while gateways run: what one of them makes, all of them use, and what is destroyed nobody signs for.
import { join } from 'node:path';
import { type Address, address } from '@solana/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { AdminService, FreezeScope, OperatorRole, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { ManagedWalletState, WalletService } from '../../proto/gen/countersign/v1/wallet_pb.ts';
import { airdrop } from '../../relayer/localnet/confirmed-sends.ts';
import { TEMPLATE } from '../../scripts/dev/environment.ts';
import { readBalances } from '../../scripts/dev/funds.ts';
import { AGENT, developmentPolicyData, WALLET } from '../../scripts/dev/policy-data.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';

const { signAndSendTransaction, signTransaction, listWallets } = SigningService.method;
const { createWallet, proposeWalletAction, voteForWalletAction, destroyWallet, listWalletTemplates } =
  WalletService.method;
const { getStatus } = OperationsService.method;
const HOT = 'hot-1';

let fixture: TestGateway;
let gateways: readonly [GatewayProcess, GatewayProcess];
/** The second admin, at the second gateway. */
let second: Connection;
let secondKey: string;

beforeAll(async () => {
  fixture = await startTestGateway();
  const { environment, operator } = fixture;
  const { recipient, token, directory } = environment;
  const { createPrincipal, createApiKey } = AdminService.method;
  const admin = { principal: 'ben', kind: PrincipalKind.OPERATOR, roles: [OperatorRole.ADMIN] };
  await operator.unary(createPrincipal, admin);
  secondKey = (await operator.unary(createApiKey, { principal: 'ben' })).secret;
  await environment.gateway.stop();
  const rules = developmentPolicyData({ recipient, mint: token.address }).agents[AGENT].wallets[WALLET];
  const data = { agents: { [AGENT]: { wallets: { [WALLET]: rules, [HOT]: rules } } } };
  await buildBundle({ data, outDir: join(directory, 'bundle') });
  await startGateways();
});

afterAll(async () => {
  await killGateways();
  await fixture.stop();
});

it('what one gateway makes, the other signs and sends for, as soon as an agent and the policy may', async () => {
  const { wallet } = await gateways[0].operator.unary(createWallet, { wallet: HOT, template: TEMPLATE });
  expect(wallet).toMatchObject({ wallet: HOT, template: TEMPLATE, state: ManagedWalletState.ACTIVE });
  const key = address(wallet?.address ?? '');
  await airdrop(fixture.environment.localnet.rpcUrl, key, 1_000_000_000n);
  await expect(transfer(gateways[1].agent, key, 1_000n)).rejects.toMatchObject({ reason: 'WALLET_NOT_PERMITTED' });
  await second.unary(AdminService.method.bindWallet, { principal: AGENT, wallet: HOT });
  const before = await received();
  await expect.poll(() => served(gateways[1].agent)).toContain(HOT);
  await expect.poll(() => served(gateways[0].agent)).toContain(HOT);
  for (const { agent } of gateways) expect((await transfer(agent, key, 1_000n)).outcome.case).toBe('submitted');
  expect(await received()).toBe(before + 2_000n);
});

it('is judged by the policy like any other', async () => {
  const key = await addressOf(gateways[1].agent, HOT);
  const { outcome } = await transfer(gateways[1].agent, key, 3_000_000_000n);
  expect(outcome.case).toBe('denied');
});

it('is there again after every gateway was killed', { timeout: 120_000 }, async () => {
  await killGateways();
  await startGateways();
  const key = await addressOf(gateways[0].agent, HOT);
  const { outcome } = await transfer(gateways[0].agent, key, 1_000n, WaitFor.FINALIZED);
  expect(outcome.case).toBe('submitted');
});

it('has no part in what tells whether a gateway that started with it is ready: there may be thousands', async () => {
  const metrics = await (await fetch(`http://${gateways[0].http}/metrics`)).text();
  expect(metrics).toMatch(/signer="treasury/);
  expect(metrics).not.toContain(`${TEMPLATE}/${HOT}`);
});

it('is destroyed by two admins, and then nobody signs for it', async () => {
  const { operator } = gateways[0];
  const key = await addressOf(gateways[1].agent, HOT);
  const proposal = { wallet: HOT, reason: 'over', action: { case: 'destroy', value: {} } } as const;
  const proposalId = (await operator.unary(proposeWalletAction, proposal)).proposal?.proposalId ?? '';
  await expect(operator.unary(destroyWallet, { proposalId })).rejects.toMatchObject({
    reason: 'WALLET_CHANGE_REFUSED',
  });
  await second.unary(voteForWalletAction, { proposalId, reason: 'agreed' });
  await expect(operator.unary(destroyWallet, { proposalId })).rejects.toThrow('freeze');
  await operator.unary(AdminService.method.freeze, { scope: FreezeScope.WALLET, target: HOT, reason: 'over' });
  const frozen = async () => (await operator.unary(getStatus, {})).findings.filter(({ code }) => code === 'FROZEN');
  expect(await frozen()).toMatchObject([{ what: `frozen: wallet ${HOT}` }]);
  const { wallet } = await operator.unary(destroyWallet, { proposalId });
  expect(wallet).toMatchObject({ state: ManagedWalletState.DESTROYED });
  // Its freeze stays for good, and is nothing that anybody could see to.
  expect(await frozen()).toEqual([]);
  for (const { agent } of gateways) {
    expect(await refusalOf(sign(agent, key))).toMatch(/FROZEN|WALLET_NOT_PERMITTED/);
    await expect.poll(() => served(agent)).not.toContain(HOT);
  }
  const { templates } = await operator.unary(listWalletTemplates, { check: true });
  expect(templates).toMatchObject([{ name: TEMPLATE, wallets: 0, lastCheck: { ready: true } }]);
});

it('its id is of no other wallet afterwards', async () => {
  const again = gateways[0].operator.unary(createWallet, { wallet: HOT, template: TEMPLATE });
  await expect(again).rejects.toMatchObject({ reason: 'WALLET_CHANGE_REFUSED' });
});

async function startGateways(): Promise<void> {
  gateways = await Promise.all([startGatewayProcess(fixture), startGatewayProcess(fixture)]);
  second = openConnection({ address: gateways[1].controlPlane, apiKey: secondKey, caFile: null });
}

async function killGateways(): Promise<void> {
  second.close();
  await Promise.all(gateways.map((gateway) => gateway.kill()));
}

function transfer(agent: Connection, from: Address, lamports: bigint, waitFor: WaitFor = WaitFor.CONFIRMED) {
  const transaction = solTransfer(from, fixture.environment.recipient, lamports);
  const ask = { wallet: HOT, transaction, setFreshBlockhash: true, waitFor };
  return agent.unary(signAndSendTransaction, ask);
}

function sign(agent: Connection, from: Address) {
  const transaction = solTransfer(from, fixture.environment.recipient, 1n);
  return agent.unary(signTransaction, { wallet: HOT, transaction, setFreshBlockhash: true });
}

/** Whether it is denied, or was never judged. */
async function refusalOf(signing: ReturnType<typeof sign>): Promise<string> {
  try {
    const { outcome } = await signing;
    return outcome.case === 'denied' ? outcome.value.reasons.map(({ code }) => code).join() : `${outcome.case}`;
  } catch (error) {
    return error instanceof GatewayFault ? `${error.reason}` : 'not a refusal';
  }
}

async function served(agent: Connection): Promise<readonly string[]> {
  return (await agent.unary(listWallets, {})).wallets.map(({ wallet }) => wallet);
}

async function addressOf(agent: Connection, id: string): Promise<Address> {
  const { wallets } = await agent.unary(listWallets, {});
  return address(wallets.find(({ wallet }) => wallet === id)?.address ?? '');
}

async function received(): Promise<bigint> {
  const { recipient, token, localnet } = fixture.environment;
  return (await readBalances(localnet.rpcUrl, recipient, token.address)).lamports;
}
