// Owns the course of `make dev` and `make tour`: everything on this machine, the tour, and then what to try next.
import { join } from 'node:path';
import { generateKeyPairSigner } from '@solana/kit';
import type { Stage } from '../../tour/stage.ts';
import { runTour } from '../../tour/tour.ts';
import { connectWithKeyFile } from './enroll-agent.ts';
import { type Environment, type Ports, startEnvironment } from './environment.ts';
import { readBalances } from './funds.ts';
import { nextSteps } from './next-steps.ts';

const FIXED_PORTS: Ports = { dataPlane: 50051, controlPlane: 50052, http: 9464, chain: 8899 };
const DIRECTORY = '.countersign';
/** A tour of its own may run beside a running `make dev`: other folder, free ports. */
const TOUR_DIRECTORY = join(DIRECTORY, 'tour');

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Resolves with the exit code: 0 if the tour went as it should. Stays up after it, unless it is all that is wanted. */
export async function runDevelopment({ tourOnly }: { readonly tourOnly: boolean }): Promise<0 | 1> {
  const stopped = stopSignal();
  const started = performance.now();
  print('Countersign: starting');
  const environment = await startEnvironment({
    directory: join(process.cwd(), tourOnly ? TOUR_DIRECTORY : DIRECTORY),
    ports: tourOnly ? null : FIXED_PORTS,
    logLevel: 'warn',
    progress: (line) => print(`  ${line}`),
  });
  print(`  serving after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  try {
    const good = await tour(environment);
    print('');
    print(good ? 'The tour went as it should.' : 'The tour did NOT go as it should.');
    if (tourOnly) return good ? 0 : 1;
    for (const line of nextSteps(environment)) print(line);
    await stopped;
    print('\nstopping …');
    return good ? 0 : 1;
  } finally {
    await environment.stop();
  }
}

async function tour(environment: Environment): Promise<boolean> {
  const { gateway, localnet, token, wallet, recipient, agentKeyFile, operatorKeyFile } = environment;
  const agent = await connectWithKeyFile(gateway.dataPlane, agentKeyFile);
  const operator = await connectWithKeyFile(gateway.controlPlane, operatorKeyFile);
  const [stranger, program] = await Promise.all([generateKeyPairSigner(), generateKeyPairSigner()]);
  const stage: Stage = {
    agent,
    operator,
    wallet,
    recipient,
    stranger: stranger.address,
    unnamedProgram: program.address,
    token,
    balances: (owner) => readBalances(localnet.rpcUrl, owner, token.address),
    print,
  };
  try {
    return await runTour(stage);
  } finally {
    agent.close();
    operator.close();
  }
}

/** A second signal ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const stop = (): void => {
      count += 1;
      if (count > 1) process.exit(1);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
