// Owns what a soak runs on: a Postgres and a chain of its own, its policy, agents with keys, a rich wallet, and the gateways.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { AdminService, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { airdrop } from '../../relayer/localnet/confirmed-sends.ts';
import { connectWithKeyFile } from '../../scripts/dev/enroll-agent.ts';
import { type Environment, startEnvironment } from '../../scripts/dev/environment.ts';
import { WALLET } from '../../scripts/dev/policy-data.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { AGENT_IDS, type AgentId, type SoakLimit, soakPolicyData } from './limits.ts';
import { type SoakPostgres, startSoakPostgres } from './postgres.ts';

export const SLOT_MS = 50;
const RICH_LAMPORTS = 1_000_000_000_000_000n;
const SIGNER_TIMEOUT_MS = 500;

export interface Stage {
  readonly environment: Environment;
  readonly postgres: SoakPostgres;
  readonly fleet: Fleet;
  stop(): Promise<void>;
}

export async function startStage(gateways: number, limits: readonly SoakLimit[]): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-soak-'));
  const closing: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) await close();
  };
  try {
    const postgres = await startSoakPostgres(directory);
    closing.push(postgres.stop);
    const environment = await startEnvironment({
      directory,
      ports: null,
      databaseUrl: postgres.url,
      logLevel: 'fatal',
      progress: () => undefined,
      scryptCost: 2 ** 14,
      slotMilliseconds: SLOT_MS,
      config: { limits: { signer_timeout_ms: SIGNER_TIMEOUT_MS } },
    });
    closing.push(environment.stop);
    const apiKeys = await enrollAgents(environment);
    await airdrop(environment.localnet.rpcUrl, environment.wallet.address, RICH_LAMPORTS);
    await environment.gateway.stop();
    const data = soakPolicyData(environment.recipient, environment.token.address, limits);
    await buildBundle({ data, outDir: join(directory, 'bundle') });
    const fleet = await startFleet(gateways, { environment, databaseUrl: postgres.url }, apiKeys);
    closing.push(fleet.stop);
    return { environment, postgres, fleet, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function enrollAgents({ gateway, operatorKeyFile }: Environment): Promise<ReadonlyMap<AgentId, string>> {
  const operator = await connectWithKeyFile(gateway.controlPlane, operatorKeyFile);
  const { createPrincipal, createApiKey } = AdminService.method;
  const keys = new Map<AgentId, string>();
  try {
    for (const principal of AGENT_IDS) {
      await operator.unary(createPrincipal, { principal, kind: PrincipalKind.AGENT, wallets: [WALLET] });
      keys.set(principal, (await operator.unary(createApiKey, { principal })).secret);
    }
  } finally {
    operator.close();
  }
  return keys;
}
