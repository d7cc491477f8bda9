// Owns starting gateways in processes of their own, over an environment whose own gateway is stopped.
import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import type { CrashPoint } from './crash-points.ts';
import type { TestGateway } from './gateway-fixture.ts';

/** What gateways share: configuration, chain and database. */
export type Surroundings = Pick<TestGateway, 'environment' | 'databaseUrl'>;

export interface GatewayProcess {
  readonly agent: Connection;
  readonly operator: Connection;
  readonly pid: number;
  /** `host:port` of each plane. */
  readonly dataPlane: string;
  readonly controlPlane: string;
  /** `host:port` of /metrics. */
  readonly http: string;
  /** Resolves with the signal that ended it, or its exit code as text. */
  readonly ended: Promise<string>;
  kill(): Promise<void>;
}

export async function startGatewayProcess(
  { environment, databaseUrl }: Surroundings,
  point?: CrashPoint,
): Promise<GatewayProcess> {
  const { configFile, agentKeyFile, operatorKeyFile } = environment;
  const args = point === undefined ? [configFile] : [configFile, point];
  const child = fork(fileURLToPath(new URL('./gateway-process.ts', import.meta.url)), args, {
    execArgv: [],
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const ended = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? String(code))));
  const { dataPlane, controlPlane, http } = await addresses(child, ended);
  child.stderr?.pipe(process.stderr);
  const connect = async (address: string, keyFile: string): Promise<Connection> =>
    openConnection({ address, apiKey: (await readFile(keyFile, 'utf8')).trim(), caFile: null });
  const agent = await connect(dataPlane, agentKeyFile);
  const operator = await connect(controlPlane, operatorKeyFile);
  return {
    agent,
    operator,
    pid: child.pid ?? 0,
    dataPlane,
    controlPlane,
    http,
    ended,
    kill: async () => {
      agent.close();
      operator.close();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

interface Addresses {
  readonly dataPlane: string;
  readonly controlPlane: string;
  readonly http: string;
}

function addresses(child: ChildProcess, ended: Promise<string>): Promise<Addresses> {
  let said = '';
  const listen = (chunk: Buffer): void => {
    said += chunk.toString();
  };
  child.stderr?.on('data', listen);
  return new Promise((resolve, reject) => {
    child.once('message', (message: Addresses) => {
      child.stderr?.off('data', listen);
      resolve(message);
    });
    void ended.then((how) => reject(new Error(`the gateway process ended with ${how} before it served: ${said}`)));
  });
}
