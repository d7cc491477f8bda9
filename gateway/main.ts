// Owns the gateway process: load the configuration, compose, serve, drain on SIGTERM or SIGINT.

import { startProblems } from './compose/check-config.ts';
import { startGateway } from './compose/gateway.ts';
import { checkPolicy } from './compose/policy.ts';
import { type LoadedConfig, loadConfig } from './config/load-config.ts';
import { printProblem } from './config/problem.ts';
import { VERSION } from './core/version.ts';
import { createLog } from './telemetry/log.ts';

export { createKeystore } from '../signers/local-keypair/create-keystore.ts';

type Loaded = Extract<LoadedConfig, { readonly kind: 'loaded' }>;

/** Reads all that a start would read, without starting: configuration, TLS files, keystores, policy bundle. Resolves with the exit code. */
export async function checkConfig(file: string): Promise<0 | 1> {
  const loaded = await readConfig(file);
  if (loaded === null) return 1;
  const { config } = loaded;
  const problems = await startProblems(loaded);
  for (const problem of problems) process.stderr.write(`${printProblem(file, problem)}\n`);
  try {
    const policy = await checkPolicy(config.policy);
    if (problems.length > 0) return 1;
    process.stdout.write(`${config.file}: ok, with ${policy}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${config.file}: ${error instanceof Error ? error.message : 'cannot be used'}\n`);
    return 1;
  }
}

/** Serves until a signal says stop. Resolves with the exit code. */
export async function serve(file: string): Promise<0 | 1> {
  const loaded = await readConfig(file);
  if (loaded === null) return 1;
  const { config } = loaded;
  const log = createLog(config.log.level);
  const stopping = stopSignal();
  let failing = 'start';
  try {
    const gateway = await Promise.race([startGateway({ config, log, version: VERSION }), stopping]);
    // Stopped before it served: nothing was promised to anybody, and what had started ends with this process.
    if (typeof gateway === 'string') process.exit(1);
    const signal = await stopping;
    failing = 'stop';
    log.info({ signal }, 'the gateway stops: no new calls, those under way finish');
    await gateway.stop();
    log.info('the gateway has stopped');
    return 0;
  } catch (error) {
    log.fatal(`the gateway cannot ${failing}: ${error instanceof Error ? error.message : 'unknown'}`);
    return 1;
  }
}

async function readConfig(file: string): Promise<Loaded | null> {
  const loaded = await loadConfig({ file, env: process.env });
  if (loaded.kind === 'loaded') return loaded;
  for (const problem of loaded.problems) process.stderr.write(`${printProblem(file, problem)}\n`);
  return null;
}

/** A second signal ends the process at once: what is open is resolved by the next start. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(1);
      stopping = true;
      resolve(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
