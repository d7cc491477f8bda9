import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type Address, address, signatureBytes, type TransactionPartialSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fakeTerminal } from '../../gateway/cli/testing/fake-terminal.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { airdrop, sendConfirmed } from '../../relayer/localnet/confirmed-sends.ts';
import { createRpcClient } from '../../relayer/rpc/json-rpc-client.ts';
import { walletHistoryOver } from '../../relayer/rpc/rpc-wallet-history.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

let gateway: TestGateway;
let wallet: Address;

beforeAll(async () => {
  gateway = await startTestGateway({ config: { wallet_watch: { interval_seconds: 1 } } });
  wallet = gateway.environment.wallet.address;
});

afterAll(async () => {
  await gateway.stop();
});

async function walletState() {
  const { wallets } = await gateway.operator.unary(OperationsService.method.listWalletStates, {});
  const [state] = wallets;
  if (state === undefined) throw new Error('no wallet');
  return state;
}

/** Resolves when the wallet was compared with the chain after now. */
async function looked(): Promise<void> {
  const now = Date.now();
  const checkedAt = async () => {
    const { checkedTime } = await walletState();
    return checkedTime === undefined ? 0 : timestampMs(checkedTime);
  };
  await expect.poll(checkedAt).toBeGreaterThan(now);
}

/** Resolves when the node shows it as final and a look began after that. */
async function comparedWith(signature: string): Promise<void> {
  const { rpcUrl: url } = gateway.environment.localnet;
  const client = createRpcClient({ url, timeoutMs: 5_000, maxResponseBytes: 1_000_000 });
  const history = walletHistoryOver(client);
  const ask = { until: null, before: null, limit: 100, minContextSlot: null };
  const shown = async () => {
    const landed = await history.signaturesOf(wallet, ask, AbortSignal.timeout(5_000));
    return landed.map((each) => each.signature);
  };
  await expect.poll(shown).toContain(signature);
  client.close();
  // One look may have begun before.
  await looked();
  await looked();
}

/** Whoever has the key of the wallet, and does not ask the gateway. */
function thief(): TransactionPartialSigner {
  const signer = gateway.environment.gateway.backends.routes.get('treasury')?.signer;
  if (signer === undefined) throw new Error('no signer');
  const bounds = { deadline: Date.now() + 60_000, idempotencyKey: 'theft', signal: new AbortController().signal };
  return {
    address: address(signer.address),
    signTransactions: (transactions) =>
      Promise.all(
        transactions.map(async ({ messageBytes }) => {
          const context = { ...bounds, kind: 'transaction', wireTransaction: new Uint8Array() } as const;
          const result = await signer.sign(new Uint8Array(messageBytes), context);
          if (result.kind !== 'signed') throw new Error(result.reason);
          return { [wallet]: signatureBytes(result.signature) };
        }),
      ),
  };
}

async function cli(...args: readonly string[]) {
  const { gateway: serving, operatorKeyFile } = gateway.environment;
  const env = { COUNTERSIGN_CONTROL_ADDRESS: serving.controlPlane, COUNTERSIGN_API_KEY_FILE: operatorKeyFile };
  const terminal = fakeTerminal(env);
  const code = await terminal.run(...args);
  return { code, out: terminal.out.join('\n') };
}

async function movedRecords(): Promise<readonly string[]> {
  const found: string[] = [];
  const request = { stopAtHead: true, filter: { kinds: ['wallet.moved_elsewhere'] } };
  for await (const { record } of gateway.operator.stream(AuditService.method.streamAuditRecords, request)) {
    found.push(JSON.parse(new TextDecoder().decode(record?.body)).facts.transaction_signature);
  }
  return found;
}

it('what the gateway signed, and what others send to the wallet, is nothing to tell', async () => {
  await looked();
  const { recipient, localnet } = gateway.environment;
  const transaction = solTransfer(wallet, recipient, 5n);
  const asked = { wallet: 'treasury', transaction, setFreshBlockhash: true, waitFor: WaitFor.FINALIZED };
  const { outcome } = await gateway.agent.unary(SigningService.method.signAndSendTransaction, asked);
  if (outcome.case !== 'submitted') throw new Error(`answered ${outcome.case}`);
  await airdrop(localnet.rpcUrl, wallet, 1_000n);
  await comparedWith(outcome.value.signature);
  expect(await walletState()).toMatchObject({ foreignTransactions: 0n, foreignSignature: '' });
  expect(await movedRecords()).toEqual([]);
  expect((await cli('doctor')).code).toBe(0);
});

it('what somebody else signed with the key of the wallet is told, once', async () => {
  const { recipient, localnet, gateway: serving } = gateway.environment;
  const source = thief();
  const theft = getTransferSolInstruction({ source, destination: recipient, amount: 7n });
  const signature = await sendConfirmed(localnet.rpcUrl, source, [theft]);
  await expect.poll(async () => (await walletState()).foreignTransactions).toBe(1n);
  await looked();
  expect(await walletState()).toMatchObject({ foreignTransactions: 1n, foreignSignature: signature });
  expect(await movedRecords()).toEqual([signature]);
  const { code, out } = await cli('doctor');
  expect(code).toBe(1);
  expect(out).toContain('PROBLEM  WALLET_MOVED_ELSEWHERE: the chain shows 1 transaction signed by the wallet treasury');
  expect((await cli('wallets', 'list', '--no-balances')).out).toContain(
    `MOVED ELSEWHERE 1 times, last by ${signature}`,
  );
  const metrics = await (await fetch(`http://${serving.http}/metrics`)).text();
  expect(metrics).toContain('countersign_wallet_foreign_transactions_total 1');
});
