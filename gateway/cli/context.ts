// Owns what every command gets: the terminal, and a connection made from the common options.
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { parseApiKey } from '../core/principal/api-key.ts';
import { type Connection, openConnection } from './connection.ts';
import { type ExitCode, explain, UsageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

export interface CliContext {
  readonly terminal: Terminal;
  /** Runs a command that needs no gateway. */
  run(work: () => Promise<ExitCode>): Promise<void>;
  /** Runs a command over a connection, which is closed at its end. */
  withGateway(options: ConnectOptions, work: (gateway: Connection) => Promise<ExitCode>): Promise<void>;
  /** The same over a connection to where agents call. */
  withDataPlane(options: ConnectOptions, work: (gateway: Connection) => Promise<ExitCode>): Promise<void>;
}

export interface ConnectOptions {
  readonly address?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
}

/** Where a plane listens when nobody says otherwise. */
const PLANES = {
  control: { name: 'control plane', variable: 'COUNTERSIGN_CONTROL_ADDRESS', address: '127.0.0.1:50052' },
  data: { name: 'data plane', variable: 'COUNTERSIGN_DATA_ADDRESS', address: '127.0.0.1:50051' },
} as const;

type Plane = keyof typeof PLANES;

/** For commands of operators. */
export function connectOptions(command: Command): Command {
  return optionsFor(command, 'control');
}

/** For commands of agents. */
export function agentConnectOptions(command: Command): Command {
  return optionsFor(command, 'data');
}

/** Never a key itself: command lines are visible to every user of a machine. */
function optionsFor(command: Command, plane: Plane): Command {
  const { name, variable, address } = PLANES[plane];
  return command
    .addOption(new Option('--address <host:port>', `${name} (${variable}; else ${address})`))
    .addOption(new Option('--key-file <file>', 'API key (COUNTERSIGN_API_KEY_FILE, or the key in COUNTERSIGN_API_KEY)'))
    .addOption(
      new Option(
        '--ca-file <file>',
        "authority of the gateway's certificate (COUNTERSIGN_CA_FILE); loopback without it is plaintext",
      ),
    );
}

/** `exit` is told the code of the command that ran. */
export function createContext(terminal: Terminal, exit: (code: ExitCode) => void): CliContext {
  async function run(work: () => Promise<ExitCode>, address: string): Promise<void> {
    try {
      exit(await work());
    } catch (error) {
      if (terminal.signal.aborted) return exit(1);
      const { message, code } = explain(error, address);
      terminal.warn(`countersign: ${message}`);
      exit(code);
    }
  }
  return {
    terminal,
    run: (work) => run(work, ''),
    withGateway: (options, work) => withPlane('control', options, work),
    withDataPlane: (options, work) => withPlane('data', options, work),
  };

  function withPlane(plane: Plane, options: ConnectOptions, work: (gateway: Connection) => Promise<ExitCode>) {
    const address = options.address ?? terminal.env[PLANES[plane].variable] ?? PLANES[plane].address;
    return run(async () => {
      const gateway = connect(address, options, terminal);
      try {
        return await work(gateway);
      } finally {
        gateway.close();
      }
    }, address);
  }
}

function connect(address: string, options: ConnectOptions, { env, signal }: Terminal): Connection {
  try {
    const caFile = options.caFile ?? env.COUNTERSIGN_CA_FILE ?? null;
    return openConnection({ address, apiKey: readKey(options.keyFile, env), caFile, signal });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readKey(keyFile: string | undefined, env: Terminal['env']): string {
  const file = keyFile ?? (env.COUNTERSIGN_API_KEY_FILE || undefined);
  const text = file === undefined ? env.COUNTERSIGN_API_KEY : readKeyFile(file);
  if (text === undefined || text.trim() === '') {
    throw new UsageError('no API key: give --key-file, COUNTERSIGN_API_KEY_FILE or COUNTERSIGN_API_KEY');
  }
  if (parseApiKey(text.trim()) === null) {
    throw new UsageError(`${file ?? 'COUNTERSIGN_API_KEY'} does not hold an API key (csk_<16 hex>_<43 base64url>)`);
  }
  return text.trim();
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown error';
    throw new UsageError(`the API key file ${file} cannot be read (${code})`);
  }
}
