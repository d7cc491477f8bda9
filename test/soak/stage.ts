// Owns what a soak runs on: a Postgres and a chain of its own, its policy, agents with keys, a rich wallet, and the gateways.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { airdrop } from '../../relayer/localnet/confirmed-sends.ts';
import { type Environment, startEnvironment } from '../../scripts/dev/environment.ts';
import { startValkey, type ValkeyServer } from '../fakes/valkey-server.ts';
import { enrollAgents } from '../integration/enroll-agents.ts';
import { type Ambush, createAmbush } from './ambush.ts';
import { AGENT_IDS, UNFREEZE_QUORUM } from './crew.ts';
import { enrollOperators } from './enroll-operators.ts';
import { type Fleet, startFleet } from './fleet.ts';
import type { SoakLimit } from './limits.ts';
import { soakPolicyData } from './policy.ts';
import { type SoakPostgres, startSoakPostgres } from './postgres.ts';

export const SLOT_MS = 50;
const RICH_LAMPORTS = 1_000_000_000_000_000n;
const SIGNER_TIMEOUT_MS = 500;
/** Far more than there are: here budgets are what must stop the agents. */
const UNMEASURED = { per_minute: 6_000_000, burst: 1_000 };

export interface Stage {
  readonly environment: Environment;
  readonly postgres: SoakPostgres;
  readonly redis: ValkeyServer;
  readonly fleet: Fleet;
  readonly ambush: Ambush;
  /** URLs of the nodes that the gateways ask, which have faults of their own; the soak itself asks another. */
  readonly nodes: readonly string[];
  stop(): Promise<void>;
}

/** `nodes`: of the gateways, beside the soak's own; 0: they ask the same one. */
export async function startStage(gateways: number, nodes: number, limits: readonly SoakLimit[]): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-soak-'));
  const closing: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) await close();
  };
  try {
    const postgres = await startSoakPostgres(directory);
    closing.push(postgres.stop);
    const redis = await startValkey();
    closing.push(redis.close);
    const environment = await startEnvironment({
      directory,
      ports: null,
      databaseUrl: postgres.url,
      logLevel: 'fatal',
      progress: () => undefined,
      scryptCost: 2 ** 14,
      slotMilliseconds: SLOT_MS,
      facades: 1 + nodes,
      config: ({ rpcUrls: [, ...urls] }) => ({
        ...(nodes === 0 ? {} : askingNodes(urls)),
        limits: { signer_timeout_ms: SIGNER_TIMEOUT_MS },
        redis: { url: redis.url },
        rate_limits: { agent: UNMEASURED, operator: UNMEASURED },
        controls: { new_admin_wait_hours: 0, unfreeze_quorum: UNFREEZE_QUORUM },
      }),
    });
    closing.push(environment.stop);
    const agents = await enrollAgents(environment, AGENT_IDS);
    const operators = await enrollOperators(environment);
    await airdrop(environment.localnet.rpcUrl, environment.wallet.address, RICH_LAMPORTS);
    await environment.gateway.stop();
    const data = soakPolicyData(environment.recipient, environment.token.address, limits);
    await buildBundle({ data, outDir: join(directory, 'bundle') });
    const fleet = await startFleet(gateways, { environment, databaseUrl: postgres.url }, { agents, operators });
    closing.push(fleet.stop);
    return {
      environment,
      postgres,
      redis,
      fleet,
      ambush: createAmbush(),
      nodes: environment.localnet.rpcUrls.slice(1),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A node that hangs must not hold up a run longer than it takes to find out. */
const NODE_MS = 1_000;

function askingNodes(urls: readonly string[]): { readonly [section: string]: unknown } {
  const endpoints = urls.map((url) => ({ url }));
  return {
    chain: { endpoints, timeout_ms: NODE_MS },
    relayers: [{ name: 'local', type: 'rpc', endpoints, timeout_ms: NODE_MS }],
  };
}
