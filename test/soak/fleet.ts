// Owns the gateways of the soak: processes of their own, each with its own way to Postgres, which can be killed and come back.
import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';
import { startTcpProxy, type TcpProxy } from '../fakes/tcp-proxy.ts';
import { type GatewayProcess, type Surroundings, startGatewayProcess } from '../integration/gateway-processes.ts';
import type { AgentId } from './limits.ts';

export interface Fleet {
  readonly members: readonly Member[];
  /** To any gateway that runs. */
  connection(random: SeededRandom, agent: AgentId): Connection;
  /** How many run. */
  running(): number;
  stop(): Promise<void>;
}

export interface Member {
  readonly proxy: TcpProxy;
  isRunning(): boolean;
  /** Kill -9; returns when a new process serves. */
  killAndRestart(): Promise<void>;
}

type Running = { readonly process: GatewayProcess; readonly connections: ReadonlyMap<string, Connection> };

const START_ATTEMPTS = 60;
const START_AGAIN_MS = 250;

/** `apiKeys`: one of each agent. */
export async function startFleet(
  size: number,
  surroundings: Surroundings,
  apiKeys: ReadonlyMap<AgentId, string>,
): Promise<Fleet> {
  const members = await Promise.all(Array.from({ length: size }, () => startMember(surroundings, apiKeys)));
  return {
    members,
    connection: (random, agent) => {
      const up = members.flatMap((member) => member.connection(agent) ?? []);
      return random.pick(up);
    },
    running: () => members.filter((member) => member.isRunning()).length,
    stop: async () => {
      await Promise.all(members.map((member) => member.stop()));
    },
  };
}

interface OwnMember extends Member {
  connection(agent: AgentId): Connection | undefined;
  stop(): Promise<void>;
}

async function startMember(
  { environment, databaseUrl }: Surroundings,
  apiKeys: ReadonlyMap<AgentId, string>,
): Promise<OwnMember> {
  const url = new URL(databaseUrl);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const start = async (): Promise<Running> => {
    const process = await startPatiently({ environment, databaseUrl: url.href });
    const connections = [...apiKeys].map(
      ([agent, apiKey]) => [agent, openConnection({ address: process.dataPlane, apiKey, caFile: null })] as const,
    );
    return { process, connections: new Map(connections) };
  };
  let running: Running | null = await start();
  const kill = async (): Promise<void> => {
    const killed = running;
    running = null;
    await killed?.process.kill();
    for (const connection of killed?.connections.values() ?? []) connection.close();
  };
  return {
    proxy,
    isRunning: () => running !== null,
    connection: (agent) => running?.connections.get(agent),
    killAndRestart: async () => {
      await kill();
      running = await start();
    },
    stop: async () => {
      await kill();
      await proxy.close();
    },
  };
}

/** As a supervisor does: while its database is away, a gateway does not come up. */
async function startPatiently(surroundings: Surroundings): Promise<GatewayProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startGatewayProcess(surroundings);
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      await delay(START_AGAIN_MS);
    }
  }
}
