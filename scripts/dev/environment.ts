// Owns a complete environment on this machine: local chain, Postgres, policy, gateway, an agent and an operator. `make dev`, the
// tour and the integration tests all start this one.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from '@solana/kit';
import { stringify } from 'yaml';
import type { Backends } from '../../gateway/compose/backends.ts';
import { type Gateway, startGateway } from '../../gateway/compose/gateway.ts';
import { loadConfig } from '../../gateway/config/load-config.ts';
import { VERSION } from '../../gateway/core/version.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { createLog, type LogLevel } from '../../gateway/telemetry/log.ts';
import { type Localnet, startLocalnet } from '../../relayer/localnet/localnet.ts';
import { enrollAgent } from './enroll-agent.ts';
import { fundEverybody } from './funds.ts';
import { type DevelopmentKeys, developmentKeys } from './keys.ts';
import { developmentPolicyData, TOKEN_DECIMALS, WALLET } from './policy-data.ts';

/** What further wallets are made from. */
export const TEMPLATE = 'agents';

export interface EnvironmentOptions {
  /** Everything that it keeps is in here. */
  readonly directory: string;
  /** `null`: free ones. */
  readonly ports: Ports | null;
  /** Absent: an embedded Postgres in the folder. */
  readonly databaseUrl?: string;
  readonly logLevel: LogLevel;
  readonly progress: (line: string) => void;
  readonly scryptCost?: number;
  /** Less than a cluster's 400 only for tests. */
  readonly slotMilliseconds?: number;
  readonly intercept?: (backends: Backends) => Backends;
  /** Nodes that show the local chain; default 1. */
  readonly facades?: number;
  /** What goes into the configuration besides, or instead; for tests. */
  readonly config?: Sections | ((given: GivenSections) => Sections | Promise<Sections>);
}

export interface Sections {
  readonly [section: string]: unknown;
}

/** What the configuration holds, and what stands on the chain. */
export interface GivenSections {
  readonly signers: readonly Sections[];
  readonly relayers: readonly Sections[];
  readonly wallets: readonly Sections[];
  readonly mint: Address;
  readonly recipient: Address;
  /** Of the nodes that show the local chain, the one of the configuration first. */
  readonly rpcUrls: readonly string[];
}

export interface Ports {
  readonly dataPlane: number;
  readonly controlPlane: number;
  readonly http: number;
  readonly chain: number;
}

export interface Environment {
  readonly directory: string;
  readonly configFile: string;
  readonly localnet: Localnet;
  readonly gateway: Gateway;
  readonly wallet: { readonly id: string; readonly address: Address };
  readonly recipient: Address;
  readonly token: { readonly address: Address; readonly decimals: number; readonly symbol: string };
  readonly agentKeyFile: string;
  readonly operatorKeyFile: string;
  stop(): Promise<void>;
}

const UNMEASURED = { per_minute: 6_000_000, burst: 100_000 };

/** Throws when any part does not start; then nothing is left running. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const { directory, progress } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys = await developmentKeys(directory, options.scryptCost);
  progress('local chain and policies …');
  const [localnet] = await allOrNothing(startChain(options), buildPolicies(directory, keys));
  try {
    progress('Postgres and gateway …');
    const configFile = await writeConfig(options, keys, localnet);
    const gateway = await start(options, configFile);
    const stop = async (): Promise<void> => {
      await gateway.stop();
      await localnet.stop();
    };
    try {
      return await finish(options, keys, localnet, gateway, configFile, stop);
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  } catch (error) {
    await localnet.stop();
    throw error;
  }
}

async function finish(
  { directory, progress }: EnvironmentOptions,
  keys: DevelopmentKeys,
  localnet: Localnet,
  gateway: Gateway,
  configFile: string,
  stop: () => Promise<void>,
): Promise<Environment> {
  const route = gateway.backends.routes.get(WALLET);
  if (route === undefined) throw new Error('the development wallet is not configured');
  progress('funds and agent …');
  await Promise.all([
    fundEverybody(localnet.rpcUrl, route.wallet.address, keys),
    enrollAgent(gateway.controlPlane, gateway.dataPlane, keys),
  ]);
  return {
    directory,
    configFile,
    localnet,
    gateway,
    wallet: route.wallet,
    recipient: keys.recipient,
    token: { address: keys.mint.address, decimals: TOKEN_DECIMALS, symbol: 'TEST' },
    agentKeyFile: keys.agentKeyFile,
    operatorKeyFile: keys.operatorKeyFile,
    stop,
  };
}

function startChain({ directory, ports, slotMilliseconds = 400, facades = 1 }: EnvironmentOptions): Promise<Localnet> {
  return startLocalnet({
    port: ports?.chain ?? 0,
    stateFile: join(directory, 'chain-state'),
    slotMilliseconds,
    facades,
  });
}

async function buildPolicies(directory: string, keys: DevelopmentKeys): Promise<void> {
  const data = developmentPolicyData({ recipient: keys.recipient, mint: keys.mint.address });
  await buildBundle({ data, outDir: join(directory, 'bundle') });
}

async function start(options: EnvironmentOptions, configFile: string): Promise<Gateway> {
  const { databaseUrl, logLevel, intercept } = options;
  const env = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  const loaded = await loadConfig({ file: configFile, env });
  if (loaded.kind === 'refused') {
    throw new Error(`${configFile}: ${loaded.problems.map((p) => `${p.path}: ${p.message}`).join('; ')}`);
  }
  return startGateway({
    config: loaded.config,
    log: createLog(logLevel),
    version: VERSION,
    ...(intercept === undefined ? {} : { intercept }),
  });
}

async function writeConfig(options: EnvironmentOptions, keys: DevelopmentKeys, localnet: Localnet): Promise<string> {
  const { directory, ports, databaseUrl } = options;
  const listener = (port: number | undefined) => ({ address: `127.0.0.1:${port ?? 0}` });
  const given = {
    signers: [
      {
        name: 'treasury-key',
        type: 'local-keypair',
        keystore_file: keys.keystoreFile,
        passphrase_file: keys.passphraseFile,
      },
    ],
    relayers: [{ name: 'local', type: 'rpc', url: localnet.rpcUrl }],
    wallets: [{ id: WALLET, signer: 'treasury-key', relayer: 'local' }],
  };
  const besides =
    typeof options.config === 'function'
      ? await options.config({
          ...given,
          mint: keys.mint.address,
          recipient: keys.recipient,
          rpcUrls: localnet.rpcUrls,
        })
      : options.config;
  const config = {
    data_plane: listener(ports?.dataPlane),
    control_plane: listener(ports?.controlPlane),
    http: listener(ports?.http),
    ...(databaseUrl === undefined ? { database: { embedded: { data_directory: 'postgres' } } } : {}),
    chain: { rpc_url: localnet.rpcUrl },
    policy: { source: { type: 'directory', path: 'bundle' }, signatures: { allow_unsigned: true } },
    ...given,
    wallet_templates: [
      { name: TEMPLATE, type: 'local-keypair', relayer: 'local', signer: { passphrase_file: keys.passphraseFile } },
    ],
    bootstrap: { operator: 'operator', api_key_file: keys.operatorKeyFile },
    controls: { new_admin_wait_hours: 0 },
    log: { level: 'warn' },
    // Whoever measures or tests here may call as often as it can.
    rate_limits: { agent: UNMEASURED, operator: UNMEASURED },
    shutdown_grace_ms: 1500,
    ...besides,
  };
  const file = join(directory, 'countersign.yaml');
  await writeFile(file, `# Written anew at each start of the development environment.\n${stringify(config)}`);
  return file;
}

/** Waits for both, so that a failure of one leaves the other closed. */
async function allOrNothing(chain: Promise<Localnet>, policies: Promise<void>): Promise<readonly [Localnet]> {
  const [started, built] = await Promise.allSettled([chain, policies]);
  if (built.status === 'rejected') {
    if (started.status === 'fulfilled') await started.value.stop();
    throw built.reason;
  }
  if (started.status === 'rejected') throw started.reason;
  return [started.value];
}
