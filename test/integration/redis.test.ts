// Two gateways that share a Redis, which comes and goes: how often an agent may call, and that nothing else hangs on it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { AdminService, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startValkey, type ValkeyServer } from '../fakes/valkey-server.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';

const { listWallets, signTransaction } = SigningService.method;
const BURST = 20;
/**
 * Each of them calls in one test only, as what it has used up comes back within a minute. Several where a busy machine may hold an answer of
 * Redis up for longer than a call waits for it: then each gateway counts for itself for half a second.
 */
const METERED = {
  together: ['a-1', 'a-2', 'a-3', 'a-4', 'a-5'],
  hangs: 'b',
  isGone: 'c',
  back: ['d-1', 'd-2', 'd-3', 'd-4', 'd-5'],
};
const PLENTY = { per_minute: 6_000_000, burst: 100_000 };

let valkey: ValkeyServer;
let first: TestGateway;
let second: GatewayProcess;

beforeAll(async () => {
  valkey = await startValkey();
  const agents = Object.values(METERED)
    .flat()
    .map((agent) => ({ agent, per_minute: 1, burst: BURST }));
  first = await startTestGateway({
    config: { redis: { url: valkey.url }, rate_limits: { agent: PLENTY, operator: PLENTY, agents } },
  });
  second = await startGatewayProcess(first);
});

afterAll(async () => {
  await second.kill();
  await first.stop();
  await valkey.close();
});

it('count the calls of an agent together while Redis answers', async () => {
  const admitted: number[] = [];
  for (const agent of METERED.together) {
    await untilRedisIs(1);
    admitted.push(await admittedByBoth(agent));
    if (admitted.includes(BURST)) break;
  }
  expect(admitted).toContain(BURST);
  expect(Math.max(...admitted)).toBeLessThanOrEqual(2 * BURST);
  const { http } = first.environment.gateway;
  expect(await metric(http, 'countersign_rate_limited_total{limit="agent"}')).toBeGreaterThan(0);
});

it.each(['hangs', 'is gone'])('each keep to the limit, sign and are ready while Redis %s', async (how) => {
  if (how === 'hangs') valkey.hang();
  else await valkey.kill();
  await untilRedisIs(0);
  const agent = how === 'hangs' ? METERED.hangs : METERED.isGone;
  expect(await admittedByBoth(agent)).toBe(2 * BURST);
  expect(await Promise.all([signs(first.agent), signs(second.agent)])).toEqual(['signed', 'signed']);
  expect((await fetch(`http://${first.environment.gateway.http}/readyz`)).status).toBe(200);
  if (how === 'hangs') valkey.resume();
  else await valkey.start();
  await untilRedisIs(1);
});

it('count together again when it is back', async () => {
  const admitted: number[] = [];
  for (const agent of METERED.back) {
    await untilRedisIs(1);
    admitted.push(await admittedByBoth(agent));
    if (Math.min(...admitted) < 2 * BURST) break;
  }
  expect(Math.min(...admitted)).toBeGreaterThanOrEqual(BURST);
  expect(Math.min(...admitted)).toBeLessThan(2 * BURST);
});

/** Of more calls at each than the agent may make; one at each at a time, so that the machine is not busy with them. */
async function admittedByBoth(agent: string): Promise<number> {
  const { createPrincipal, createApiKey } = AdminService.method;
  const wallets = [first.environment.wallet.id];
  await first.operator.unary(createPrincipal, { principal: agent, kind: PrincipalKind.AGENT, wallets });
  const { secret: apiKey } = await first.operator.unary(createApiKey, { principal: agent });
  const addresses = [first.environment.gateway.dataPlane, second.dataPlane];
  const callers = addresses.map((address) => openConnection({ address, apiKey, caFile: null }));
  let admitted = 0;
  for (let n = 0; n < BURST + 5; n++) {
    const turns = await Promise.all(callers.map(admits));
    admitted += turns.filter((isAdmitted) => isAdmitted).length;
  }
  for (const caller of callers) caller.close();
  return admitted;
}

async function admits(caller: Connection): Promise<boolean> {
  try {
    await caller.unary(listWallets, {});
    return true;
  } catch (error) {
    if (error instanceof GatewayFault && error.reason === 'RATE_LIMITED') return false;
    throw error;
  }
}

async function signs(caller: Connection): Promise<string | undefined> {
  const { wallet, recipient } = first.environment;
  const transaction = solTransfer(wallet.address, recipient, 1n);
  const answer = await caller.unary(signTransaction, { wallet: wallet.id, transaction, setFreshBlockhash: true });
  return answer.outcome.case;
}

async function untilRedisIs(wanted: 0 | 1): Promise<void> {
  for (const { http } of [first.environment.gateway, second]) {
    await expect.poll(() => metric(http, 'countersign_redis_up')).toBe(wanted);
  }
}

async function metric(http: string, name: string): Promise<number> {
  const lines = (await (await fetch(`http://${http}/metrics`)).text()).split('\n');
  return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1));
}
