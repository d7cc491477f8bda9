import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { type Localnet, startLocalnet } from '../../relayer/localnet/localnet.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTcpProxy, type TcpProxy } from '../fakes/tcp-proxy.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const { signTransaction, signAndSendTransaction } = SigningService.method;

let proxy: TcpProxy;
let gateway: TestGateway;
let chain: Localnet | null = null;

beforeAll(async () => {
  gateway = await startTestGateway({
    config: { limits: { request_timeout_ms: 10_000 } },
    database: async (url) => {
      const direct = new URL(url);
      proxy = await startTcpProxy({ host: direct.hostname, port: Number(direct.port) });
      direct.port = String(proxy.port);
      return direct.href;
    },
  });
});

afterAll(async () => {
  proxy.mend();
  await gateway.stop();
  await chain?.stop();
  await proxy.close();
});

it('answers UNAVAILABLE and signs nothing while Postgres is away, and recovers by itself', async () => {
  await expect(signs(1n)).resolves.toBe('signed');
  proxy.cut();
  await expect(signs(2n)).rejects.toMatchObject({ status: 'UNAVAILABLE', reason: 'STORE_UNAVAILABLE' });
  await expect.poll(readyStatus).toBe(503);
  proxy.mend();
  await expect.poll(() => signs(3n).catch(() => 'away'), { timeout: 20_000 }).toBe('signed');
  await expect.poll(readyStatus).toBe(200);
});

it('answers UNAVAILABLE and signs nothing while the chain is away, and recovers by itself', async () => {
  const { localnet, directory } = gateway.environment;
  await localnet.stop();
  await expect
    .poll(() => signs(4n).catch((fault: { readonly reason: string }) => fault.reason), { timeout: 20_000 })
    .toBe('CHAIN_UNAVAILABLE');
  chain = await startLocalnet({
    port: Number(new URL(localnet.rpcUrl).port),
    stateFile: join(directory, 'chain-state'),
    slotMilliseconds: 50,
  });
  await expect.poll(() => signs(5n).catch(() => 'away'), { timeout: 20_000 }).toBe('signed');
  const { wallet, recipient } = gateway.environment;
  const sent = await gateway.agent.unary(signAndSendTransaction, {
    wallet: wallet.id,
    transaction: solTransfer(wallet.address, recipient, 6n),
    setFreshBlockhash: true,
    waitFor: WaitFor.CONFIRMED,
  });
  expect(sent.outcome.case).toBe('submitted');
});

async function signs(lamports: bigint): Promise<string | undefined> {
  const { wallet, recipient } = gateway.environment;
  const transaction = solTransfer(wallet.address, recipient, lamports);
  const request = { wallet: wallet.id, transaction, setFreshBlockhash: true };
  return (await gateway.agent.unary(signTransaction, request)).outcome.case;
}

async function readyStatus(): Promise<number> {
  return (await fetch(`http://${gateway.environment.gateway.http}/readyz`)).status;
}
