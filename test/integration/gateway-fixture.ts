// Owns a whole gateway for tests: real Postgres, local chain, policy in WebAssembly, gRPC on free ports, in a folder of its own.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import type { Backends } from '../../gateway/compose/backends.ts';
import { createTestDatabase } from '../../gateway/state/testing/test-database.ts';
import { AdminService, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { type Environment, type EnvironmentOptions, startEnvironment } from '../../scripts/dev/environment.ts';

export interface TestGateway {
  readonly environment: Environment;
  readonly databaseUrl: string;
  /** The agent `trader`, who may use the wallet `treasury`. */
  readonly agent: Connection;
  /** The first operator: administrator, approver and auditor. */
  readonly operator: Connection;
  /** A caller of the data plane with any key, or none. */
  caller(apiKey: string | null): Connection;
  /** A new agent that may use these wallets, connected. */
  newAgent(principal: string, wallets: readonly string[]): Promise<Connection>;
  stop(): Promise<void>;
}

export interface TestGatewayOptions {
  readonly intercept?: (backends: Backends) => Backends;
  readonly config?: NonNullable<EnvironmentOptions['config']>;
  /** A cluster's are 400; 50 where this is absent. */
  readonly slotMilliseconds?: number;
  /** Puts something between the gateway and its database. */
  readonly database?: (url: string) => Promise<string>;
}

export async function startTestGateway({
  database: between,
  ...options
}: TestGatewayOptions = {}): Promise<TestGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-test-'));
  const database = await createTestDatabase();
  const remove = async (): Promise<void> => {
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  };
  const environment = await startEnvironment({
    directory,
    ports: null,
    databaseUrl: (await between?.(database.url)) ?? database.url,
    logLevel: 'fatal',
    progress: () => undefined,
    scryptCost: 2 ** 14,
    slotMilliseconds: 50,
    ...options,
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const { gateway, agentKeyFile, operatorKeyFile } = environment;
  const open: Connection[] = [];
  const connect = (address: string, apiKey: string | null): Connection => {
    const connection = openConnection({ address, apiKey, caFile: null });
    open.push(connection);
    return connection;
  };
  const operator = connect(gateway.controlPlane, await keyIn(operatorKeyFile));
  return {
    environment,
    databaseUrl: database.url,
    agent: connect(gateway.dataPlane, await keyIn(agentKeyFile)),
    operator,
    caller: (apiKey) => connect(gateway.dataPlane, apiKey),
    newAgent: async (principal, wallets) => {
      const { method } = AdminService;
      await operator.unary(method.createPrincipal, { principal, kind: PrincipalKind.AGENT, wallets: [...wallets] });
      const { secret } = await operator.unary(method.createApiKey, { principal });
      return connect(gateway.dataPlane, secret);
    },
    stop: async () => {
      for (const connection of open) connection.close();
      await environment.stop();
      await remove();
    },
  };
}

async function keyIn(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
