import { type Address, address } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../gateway/cli/testing/fake-terminal.ts';
import { AdminService, FreezeScope } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { SessionKeyService, SessionMethod } from '../../proto/gen/countersign/v1/session_key_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { sendAs, signAs } from './agent-calls.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const { listRequests, getRequest, getStatus, listWalletStates } = OperationsService.method;
const { listTransactions } = SigningService.method;
const SOL = 1_000_000_000n;

let gateway: TestGateway;
let wallet: Address;
let recipient: Address;

beforeAll(async () => {
  gateway = await startTestGateway();
  wallet = gateway.environment.wallet.address;
  recipient = gateway.environment.recipient;
});

afterAll(async () => {
  await gateway.stop();
});

async function cli(...args: readonly string[]) {
  const { gateway: serving, operatorKeyFile } = gateway.environment;
  const env = { COUNTERSIGN_CONTROL_ADDRESS: serving.controlPlane, COUNTERSIGN_API_KEY_FILE: operatorKeyFile };
  const terminal = fakeTerminal(env);
  const code = await terminal.run(...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

describe('requests', () => {
  it('are listed for operators, newest first, by agent, wallet and state, page by page', async () => {
    const signed = await signAs(gateway, solTransfer(wallet, recipient, 10n));
    const denied = await signAs(gateway, solTransfer(wallet, address('11111111111111111111111111111112'), 11n));
    const sent = await sendAs(gateway, solTransfer(wallet, recipient, 12n));
    const ids = [sent.requestId, denied.requestId, signed.requestId];
    const all = await gateway.operator.unary(listRequests, { filter: { agent: 'trader', wallet: 'treasury' } });
    expect(all.requests.map(({ requestId }) => requestId)).toEqual(ids);
    const filter = { states: [RequestState.DENIED] };
    const only = await gateway.operator.unary(listRequests, { filter });
    expect(only.requests.map(({ requestId }) => requestId)).toEqual([denied.requestId]);
    expect((await gateway.operator.unary(listRequests, { filter: { agent: 'nobody' } })).requests).toEqual([]);

    const first = await gateway.operator.unary(listRequests, { pageSize: 2 });
    const rest = await gateway.operator.unary(listRequests, { pageSize: 2, pageToken: first.nextPageToken });
    expect([...first.requests, ...rest.requests].map(({ requestId }) => requestId)).toEqual(ids);
    expect(rest.nextPageToken).toBe('');
  });

  it('are shown with what they do and why, and never with bytes that could be sent', async () => {
    const { requestId } = await signAs(gateway, solTransfer(wallet, recipient, 20n));
    const { request } = await gateway.operator.unary(getRequest, { requestId });
    expect(request?.signature).not.toBe('');
    expect(request?.transaction).toHaveLength(0);
    const { code, out } = await cli('requests', 'show', requestId);
    expect(code).toBe(0);
    expect(out).toContain(`Request ${requestId}: SIGNED`);
    expect(out).toContain('asked by         agent trader, with the key ');
    expect(out).toContain('The policy allows it');
    expect(out).toContain(recipient);
    expect((await cli('requests', 'watch', requestId)).out).toMatch(/SIGNED/);
    expect((await cli('requests', 'list', '--since', '1h', '--limit', '1')).out).toContain(requestId);
    expect((await cli('requests', 'show', '00000000-0000-7000-8000-000000000000')).err).toContain('REQUEST_NOT_FOUND');
  });

  it('of the agent are listed to it, and those of a session key alone to that', async () => {
    const terms = { wallets: ['treasury'], methods: [SessionMethod.SIGN_TRANSACTION] };
    const { secret } = await gateway.agent.unary(SessionKeyService.method.createSessionKey, { terms });
    const caller = gateway.caller(secret);
    expect((await caller.unary(listTransactions, {})).requests).toEqual([]);
    const transaction = solTransfer(wallet, recipient, 30n);
    const asked = { wallet: 'treasury', transaction, setFreshBlockhash: true };
    const { requestId } = await caller.unary(SigningService.method.signTransaction, asked);
    const own = await caller.unary(listTransactions, { wallet: 'treasury' });
    expect(own.requests.map((request) => request.requestId)).toEqual([requestId]);
    const all = await gateway.agent.unary(listTransactions, {});
    expect(all.requests.length).toBeGreaterThan(1);
    expect(all.requests[0]).toMatchObject({ requestId });
    const stranger = await gateway.newAgent('stranger', []);
    expect((await stranger.unary(listTransactions, {})).requests).toEqual([]);
    await expect(stranger.unary(listTransactions, { wallet: 'treasury' })).rejects.toMatchObject({
      reason: 'WALLET_NOT_PERMITTED',
    });
  });
});

describe('countersign wallets list', () => {
  it('tells who may use a wallet, what it holds and whether it is frozen', async () => {
    const { wallets } = await gateway.operator.unary(listWalletStates, { balances: true });
    expect(wallets).toMatchObject([{ wallet: 'treasury', address: wallet, agents: ['trader'], frozen: '' }]);
    const held = new Map(
      wallets[0]?.balances.map(({ asset, amount, decimals }) => [asset, [BigInt(amount), decimals]]),
    );
    expect(held.get('SOL')).toEqual([expect.any(BigInt), 9]);
    expect(held.get(gateway.environment.token.address)).toEqual([expect.any(BigInt), 6]);
    const freeze = { scope: FreezeScope.WALLET, target: 'treasury', reason: 'a test' };
    await gateway.operator.unary(AdminService.method.freeze, freeze);
    const { out } = await cli('wallets', 'list');
    expect(out).toContain('FROZEN: operators have frozen the wallet treasury: a test');
    expect(out).toContain(' SOL');
    await gateway.operator.unary(AdminService.method.unfreeze, { ...freeze, reason: 'over' });
  });
});

describe('countersign doctor', () => {
  it('ends with 0 where nothing needs a person', async () => {
    const result = await cli('doctor');
    expect(result.out).toContain('Nothing is stuck.');
    expect(result.code).toBe(0);
    const status = await gateway.operator.unary(getStatus, {});
    expect(status.findings).toEqual([]);
    expect(status.replicas).toBe(1);
  });

  it('tells what waits for votes', async () => {
    await signAs(gateway, solTransfer(wallet, recipient, SOL + 1n));
    const result = await cli('doctor');
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toContain('notice  APPROVALS_WAITING: 1 approval waiting for votes');
  });

  it('is for admins and auditors only', async () => {
    await expect(gateway.agent.unary(getStatus, {})).rejects.toThrow();
  });
});
