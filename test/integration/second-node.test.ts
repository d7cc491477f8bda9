// Proves the second node from the configuration file on: a gateway with one signs nothing that rests on what only one node tells.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import { type Gateway, startGateway } from '../../gateway/compose/gateway.ts';
import { loadConfig } from '../../gateway/config/load-config.ts';
import { VERSION } from '../../gateway/core/version.ts';
import { createLog } from '../../gateway/telemetry/log.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { isRecord, parseExactJson, stringifyExactJson } from '../../relayer/json-exact.ts';
import { solTransfer, tokenAccount, tokenTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const { signTransaction } = SigningService.method;

/** Changes an account that the second node tells; `null`: it does not answer at all. */
type Lie = ((address: string, account: Record<string, unknown>) => void) | null;

const honest: Lie = () => undefined;

let first: TestGateway;
let secondNode: Server;
let lie: Lie = honest;
let gateway: Gateway;
let agent: Connection;

beforeAll(async () => {
  first = await startTestGateway();
  const { environment, databaseUrl } = first;
  secondNode = await startSecondNode(environment.localnet.rpcUrl);
  const config: unknown = parse(await readFile(environment.configFile, 'utf8'));
  if (!isRecord(config) || !isRecord(config.chain)) throw new Error('the configuration has a chain');
  const chain = { ...config.chain, verify_rpc_url: urlOf(secondNode) };
  const file = join(environment.directory, 'with-second-node.yaml');
  await writeFile(file, stringify({ ...config, chain }));
  const loaded = await loadConfig({ file, env: { DATABASE_URL: databaseUrl } });
  if (loaded.kind === 'refused') throw new Error(JSON.stringify(loaded.problems));
  gateway = await startGateway({ config: loaded.config, log: createLog('fatal'), version: VERSION });
  const apiKey = (await readFile(environment.agentKeyFile, 'utf8')).trim();
  agent = openConnection({ address: gateway.dataPlane, apiKey, caFile: null });
});

afterAll(async () => {
  agent.close();
  await gateway.stop();
  secondNode.closeAllConnections();
  secondNode.close();
  await first.stop();
});

beforeEach(() => {
  lie = honest;
});

it('signs a token transfer when both nodes tell the same', async () => {
  expect(await signs(await payment(1n))).toBe('signed');
});

it('signs nothing when one of them lies about who owns the receiving account, but what needs no accounts', async () => {
  const { wallet, recipient, token } = first.environment;
  const receiving = await tokenAccount(recipient, token.address);
  lie = (address, account) => {
    if (address !== receiving || !Array.isArray(account.data)) return;
    const data = Buffer.from(String(account.data[0]), 'base64');
    data.fill(7, 32, 64);
    account.data = [data.toString('base64'), 'base64'];
  };
  await expect(signs(await payment(2n))).rejects.toMatchObject({ status: 'UNAVAILABLE', reason: 'CHAIN_UNAVAILABLE' });
  await expect(signs(await payment(2n))).rejects.toThrow(`do not agree on the data of account ${receiving}`);
  expect(await signs(solTransfer(wallet.address, recipient, 3n))).toBe('signed');
});

it('signs nothing that needs accounts while the second node is away, and goes on when it is back', async () => {
  lie = null;
  await expect(signs(await payment(4n))).rejects.toMatchObject({ reason: 'CHAIN_UNAVAILABLE' });
  lie = honest;
  expect(await signs(await payment(4n))).toBe('signed');
});

function payment(amount: bigint): Promise<Uint8Array> {
  const { wallet, recipient, token } = first.environment;
  return tokenTransfer(wallet.address, recipient, token, amount);
}

async function signs(transaction: Uint8Array): Promise<string | undefined> {
  const request = { wallet: first.environment.wallet.id, transaction, setFreshBlockhash: true };
  return (await agent.unary(signTransaction, request)).outcome.case;
}

/** Answers as the real node does, after the lie. */
async function startSecondNode(realUrl: string): Promise<Server> {
  const server = createServer((request, response) => {
    const tell = async (): Promise<void> => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const headers = { 'content-type': 'application/json' };
      const answered = await (await fetch(realUrl, { method: 'POST', headers, body })).text();
      if (lie === null) response.destroy();
      else response.end(told(parseExactJson(body), parseExactJson(answered), lie));
    };
    tell().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function told(call: unknown, answer: unknown, tell: NonNullable<Lie>): string {
  if (isRecord(call) && isRecord(answer) && call.method === 'getMultipleAccounts' && Array.isArray(call.params)) {
    const [addresses] = call.params;
    const value = isRecord(answer.result) ? answer.result.value : null;
    if (!Array.isArray(addresses) || !Array.isArray(value)) throw new Error('the node answered something else');
    value.forEach((account: unknown, index) => {
      if (isRecord(account)) tell(String(addresses[index]), account);
    });
  }
  return stringifyExactJson(answer);
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the second node does not listen');
  return `http://127.0.0.1:${address.port}`;
}
