// Owns the gateway process: load the configuration, compose, serve, drain on SIGTERM or SIGINT.
import { startGateway } from './compose/gateway.ts';
import { VERSION } from './compose/version.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load-config.ts';
import { createLog } from './telemetry/log.ts';

/** Prints what is wrong with the configuration, or that nothing is. Resolves with the exit code. */
export async function checkConfig(file: string): Promise<number> {
  const config = await readConfig(file);
  if (config === null) return 1;
  process.stdout.write(`${config.file}: ok\n`);
  return 0;
}

/** Serves until a signal says stop. Resolves with the exit code. */
export async function serve(file: string): Promise<number> {
  const config = await readConfig(file);
  if (config === null) return 1;
  const log = createLog(config.log.level);
  const stopping = stopSignal();
  try {
    const gateway = await startGateway({ config, log, version: VERSION });
    const signal = await stopping;
    log.info({ signal }, 'the gateway stops: no new calls, those under way finish');
    await gateway.stop();
    log.info('the gateway has stopped');
    return 0;
  } catch (error) {
    log.fatal(
      { err: error },
      `the gateway cannot start or stop: ${error instanceof Error ? error.message : 'unknown'}`,
    );
    return 1;
  }
}

async function readConfig(file: string): Promise<Config | null> {
  const loaded = await loadConfig({ file, env: process.env });
  if (loaded.kind === 'loaded') return loaded.config;
  for (const { path, line, message } of loaded.problems) {
    process.stderr.write(
      `${file}${line === undefined ? '' : `:${line}`}: ${path === '' ? '' : `${path}: `}${message}\n`,
    );
  }
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
