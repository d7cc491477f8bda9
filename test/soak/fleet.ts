// Owns the gateways of the soak: processes of their own, each with its own way to Postgres, which can be killed and come back.
import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';
import { startTcpProxy, type TcpProxy } from '../fakes/tcp-proxy.ts';
import { type GatewayProcess, type Surroundings, startGatewayProcess } from '../integration/gateway-processes.ts';
import type { AgentId, OperatorId } from './crew.ts';

export interface Fleet {
  readonly members: readonly Member[];
  /** To any gateway that runs. */
  connection(random: SeededRandom, agent: AgentId): Connection;
  /** The same, to its control plane. `member`: that one, as long as it runs. */
  control(random: SeededRandom, operator: OperatorId, member?: Member): Connection;
  /** How each ended that nobody killed. */
  readonly crashes: readonly string[];
  stop(): Promise<void>;
}

/** API keys of those who call. */
export interface Callers {
  readonly agents: ReadonlyMap<AgentId, string>;
  readonly operators: ReadonlyMap<OperatorId, readonly string[]>;
}

export interface Member {
  readonly proxy: TcpProxy;
  /** To its control plane, by each key of an operator; none while it does not run. */
  controls(operator: OperatorId): readonly Connection[];
  /** Kill -9; returns when a new process serves. */
  killAndRestart(): Promise<void>;
}

interface Running {
  readonly process: GatewayProcess;
  readonly agents: ReadonlyMap<AgentId, Connection>;
  readonly operators: ReadonlyMap<OperatorId, readonly Connection[]>;
}

const START_ATTEMPTS = 60;
const START_AGAIN_MS = 250;

export async function startFleet(size: number, surroundings: Surroundings, callers: Callers): Promise<Fleet> {
  const crashes: string[] = [];
  const starting = Array.from({ length: size }, () => startMember(surroundings, callers, crashes));
  const members = await Promise.all(starting);
  return {
    members,
    connection: (random, agent) => {
      const up = members.flatMap((member) => member.connection(agent) ?? []);
      return random.pick(up);
    },
    control: (random, operator, member) => {
      const wanted = member?.controls(operator) ?? [];
      return random.pick(wanted.length > 0 ? wanted : members.flatMap((each) => each.controls(operator)));
    },
    crashes,
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
  callers: Callers,
  crashes: string[],
): Promise<OwnMember> {
  const url = new URL(databaseUrl);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const start = async (): Promise<Running> => {
    const process = await startPatiently({ environment, databaseUrl: url.href });
    const open = (address: string, apiKey: string) => openConnection({ address, apiKey, caFile: null });
    const { dataPlane, controlPlane } = process;
    return {
      process,
      agents: new Map([...callers.agents].map(([id, key]) => [id, open(dataPlane, key)])),
      operators: new Map([...callers.operators].map(([id, keys]) => [id, keys.map((key) => open(controlPlane, key))])),
    };
  };
  let running: Running | null = await watched();
  async function watched(): Promise<Running> {
    const started = await start();
    void started.process.ended.then((how) => {
      if (running === started) crashes.push(`a gateway ended by itself, with ${how}`);
    });
    return started;
  }
  const kill = async (): Promise<void> => {
    const killed = running;
    running = null;
    await killed?.process.kill();
    for (const connection of killed?.agents.values() ?? []) connection.close();
    for (const connection of [...(killed?.operators.values() ?? [])].flat()) connection.close();
  };
  return {
    proxy,
    connection: (agent) => running?.agents.get(agent),
    controls: (operator) => running?.operators.get(operator) ?? [],
    killAndRestart: async () => {
      await kill();
      running = await watched();
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
