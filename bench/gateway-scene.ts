// Owns the gateway that benchmarks load: in a process of its own, with its own Postgres and chain, and requests to send it.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Address } from '@solana/kit';
import { startEmbeddedPostgres } from '../gateway/state/embedded/embedded-postgres.ts';
import { SignTransactionRequestSchema } from '../proto/gen/countersign/v1/signing_pb.ts';
import { type Environment, type EnvironmentOptions, startEnvironment } from '../scripts/dev/environment.ts';
import { WALLET } from '../scripts/dev/policy-data.ts';
import { solTransfers } from '../tour/transactions.ts';
import { type LoadTarget, measureLoad } from './load.ts';

const SIGN_PATH = '/countersign.v1.SigningService/SignTransaction';
export const IN_FLIGHT = 64;
/** No two of these are the same payment, as between real agents. */
const DISTINCT_REQUESTS = 20_000;

export interface GatewayScene {
  readonly target: LoadTarget;
  /** Where the gateway has its configuration and its bundle. */
  readonly directory: string;
  readonly databaseUrl: string;
  /** Address of its metrics. */
  readonly http: string;
  readonly wallet: Address;
  readonly recipient: Address;
}

/** Runs the measurement against a gateway that is warm: compiled code, prepared statements, filled caches. */
export async function withGateway<T>(
  measure: (scene: GatewayScene) => Promise<T>,
  options: Pick<EnvironmentOptions, 'config'> = {},
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres') });
  try {
    const environment = await startEnvironment({
      directory,
      ports: null,
      databaseUrl: postgres.url,
      logLevel: 'error',
      progress: () => undefined,
      scryptCost: 2 ** 14,
      slotMilliseconds: 100,
      ...options,
    });
    try {
      await environment.gateway.stop();
      return await inScene(environment, postgres.url, measure);
    } finally {
      await environment.stop();
    }
  } finally {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function inScene<T>(
  environment: Environment,
  databaseUrl: string,
  measure: (scene: GatewayScene) => Promise<T>,
): Promise<T> {
  const { child, message } = await startChild('../test/integration/gateway-process.ts', [environment.configFile], {
    DATABASE_URL: databaseUrl,
  });
  try {
    const target = await signTarget(environment, message.dataPlane ?? '');
    await measureLoad(target, IN_FLIGHT, 2);
    return await measure({
      target,
      directory: dirname(environment.configFile),
      databaseUrl,
      http: message.http ?? '',
      wallet: environment.wallet.address,
      recipient: environment.recipient,
    });
  } finally {
    await stopChild(child);
  }
}

async function signTarget(environment: Environment, address: string): Promise<LoadTarget> {
  const { wallet, recipient, agentKeyFile } = environment;
  return {
    address,
    path: SIGN_PATH,
    apiKey: (await readFile(agentKeyFile, 'utf8')).trim(),
    requests: signRequests((i) => solTransfers(wallet.address, recipient, [1n, 2n, BigInt(i)])),
  };
}

/** Encoded calls for the wallet of the scene. `transactionOf`: of a number from 1 on, each another one. */
export function signRequests(transactionOf: (i: number) => Uint8Array): readonly Uint8Array[] {
  const request = (i: number): Uint8Array =>
    toBinary(
      SignTransactionRequestSchema,
      create(SignTransactionRequestSchema, {
        wallet: WALLET,
        transaction: transactionOf(i),
        setFreshBlockhash: true,
        context: { purpose: 'benchmark' },
      }),
    );
  return Array.from({ length: DISTINCT_REQUESTS }, (_, i) => request(i + 1));
}

export interface Child {
  readonly child: ChildProcess;
  readonly message: { readonly [key: string]: string | undefined };
}

export function startChild(file: string, args: readonly string[], env: Record<string, string>): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message: Child['message']) => resolve({ child, message }));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it served`)));
  });
}

export function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
