// Owns the measurement of the whole road: SignTransaction with a durable record against a bare gRPC echo, in one run.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { startEmbeddedPostgres } from '../gateway/state/embedded-postgres.ts';
import { openState } from '../gateway/state/open-state.ts';
import { SignTransactionRequestSchema, SignTransactionResponseSchema } from '../proto/gen/countersign/v1/signing_pb.ts';
import { type Environment, startEnvironment } from '../scripts/dev/environment.ts';
import { solTransfers } from '../tour/transactions.ts';
import { ECHO_PATH } from './echo-server.ts';
import { type Load, type LoadTarget, measureLoad } from './load.ts';
import { readStageTimes, type StageTime } from './stage-times.ts';
import { measureSwaps, type SwapMeasurement } from './swap.ts';

const SIGN_PATH = '/countersign.v1.SigningService/SignTransaction';
const IN_FLIGHT = 64;
/** No two of these are the same payment, as between real agents. */
const DISTINCT_REQUESTS = 20_000;

export interface RoadMeasurement {
  readonly echo: Load;
  readonly gateway: Load;
  readonly oneAtATime: Load;
  readonly swap: SwapMeasurement;
  readonly stages: readonly StageTime[];
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** Signatures that were answered, and how many of them are not in the record; must be 0. */
  readonly signed: number;
  readonly lost: number;
}

/** Runs echo and gateway in turn, a few rounds, so that a slow moment of the machine meets both. */
export async function measureRoad(seconds: number, rounds: number): Promise<RoadMeasurement> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres') });
  try {
    return await measureIn(directory, postgres.url, seconds, rounds);
  } finally {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measureIn(
  directory: string,
  databaseUrl: string,
  seconds: number,
  rounds: number,
): Promise<RoadMeasurement> {
  const environment = await startEnvironment({
    directory,
    ports: null,
    databaseUrl,
    logLevel: 'error',
    progress: () => undefined,
    scryptCost: 2 ** 14,
    slotMilliseconds: 100,
  });
  try {
    await environment.gateway.stop();
    return await measure(environment, databaseUrl, seconds, rounds);
  } finally {
    await environment.stop();
  }
}

async function measure(
  environment: Environment,
  databaseUrl: string,
  seconds: number,
  rounds: number,
): Promise<RoadMeasurement> {
  const gateway = await startChild('../test/integration/gateway-process.ts', [environment.configFile], {
    DATABASE_URL: databaseUrl,
  });
  const target = await signTarget(environment, gateway.message.dataPlane ?? '');
  const [sample] = (await measureLoad(target, 1, 0.05)).calls;
  const answerBytes = sample?.answer.length ?? 0;
  const echo = await startChild('./echo-server.ts', [String(answerBytes)], {});
  const echoTarget = { ...target, address: echo.message.address ?? '', path: ECHO_PATH, apiKey: null };
  try {
    // Warm: compiled code, prepared statements, filled caches.
    await measureLoad(target, IN_FLIGHT, 2);
    await measureLoad(echoTarget, IN_FLIGHT, 2);
    const echoes: Load[] = [];
    const loads: Load[] = [];
    for (let i = 0; i < rounds; i++) {
      echoes.push(await measureLoad(echoTarget, IN_FLIGHT, seconds));
      loads.push(await measureLoad(target, IN_FLIGHT, seconds));
    }
    // After the load, when everything is compiled: what a gateway that has run for a while does.
    const oneAtATime = await measureLoad(target, 1, seconds);
    const swap = await measureSwaps(target, dirname(environment.configFile), IN_FLIGHT);
    const stages = await readStageTimes(gateway.message.http ?? '');
    const answers = [...loads, oneAtATime].flatMap((load) => load.calls.map(({ answer }) => answer));
    const lost = await countLost(databaseUrl, answers);
    return {
      echo: median(echoes),
      gateway: median(loads),
      oneAtATime,
      swap,
      stages,
      requestBytes: target.requests[0]?.length ?? 0,
      answerBytes,
      signed: answers.length,
      lost,
    };
  } finally {
    await Promise.all([stopChild(gateway.child), stopChild(echo.child)]);
  }
}

async function signTarget(environment: Environment, address: string): Promise<LoadTarget> {
  const { wallet, recipient, agentKeyFile } = environment;
  const request = (i: number): Uint8Array =>
    toBinary(
      SignTransactionRequestSchema,
      create(SignTransactionRequestSchema, {
        wallet: wallet.id,
        transaction: solTransfers(wallet.address, recipient, [1n, 2n, BigInt(i)]),
        setFreshBlockhash: true,
        context: { purpose: 'benchmark' },
      }),
    );
  return {
    address,
    path: SIGN_PATH,
    apiKey: (await readFile(agentKeyFile, 'utf8')).trim(),
    requests: Array.from({ length: DISTINCT_REQUESTS }, (_, i) => request(i + 1)),
  };
}

/** Every answer must be a signature whose request stands in the record as SIGNED, with the same signature. */
async function countLost(databaseUrl: string, answers: readonly Buffer[]): Promise<number> {
  const state = await openState({ databaseUrl, instanceId: 'bench' });
  let lost = 0;
  const check = async (answer: Buffer): Promise<void> => {
    const { requestId, outcome } = fromBinary(SignTransactionResponseSchema, answer);
    const recorded = await state.requests.find(requestId);
    const signature = outcome.case === 'signed' ? outcome.value.signature : null;
    if (signature === null || recorded?.walletSignature !== signature) lost += 1;
  };
  for (let i = 0; i < answers.length; i += 200) await Promise.all(answers.slice(i, i + 200).map(check));
  await state.close();
  return lost;
}

interface Child {
  readonly child: ChildProcess;
  readonly message: { readonly [key: string]: string | undefined };
}

function startChild(file: string, args: readonly string[], env: Record<string, string>): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message: Child['message']) => resolve({ child, message }));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it served`)));
  });
}

function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

function median(loads: readonly Load[]): Load {
  const sorted = loads.toSorted((a, b) => a.callsPerSecond - b.callsPerSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}
