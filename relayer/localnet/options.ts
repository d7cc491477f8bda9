// Owns the options of a local chain, as values and as command line flags.
import { parseArgs } from 'node:util';

export interface LocalnetOptions {
  /** HTTP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** A second port for WebSocket connections only; null: they are served on the HTTP port, which always serves them. */
  readonly wsPort: number | null;
  /** Where the state is kept over restarts; null: nowhere. */
  readonly stateFile: string | null;
  readonly slotMilliseconds: number;
  /** Slots until a transaction is finalized, 1 to 149: below the life of a blockhash. */
  readonly finalitySlots: number;
  /** Nodes of the one chain, each on a port of its own and with faults of its own; those after the first on free ports. */
  readonly facades: number;
}

export const DEFAULT_OPTIONS: LocalnetOptions = {
  port: 0,
  wsPort: null,
  stateFile: null,
  slotMilliseconds: 400,
  finalitySlots: 32,
  facades: 1,
};

export const USAGE = `node relayer/localnet/main.ts [--port 8899] [--ws-port 8900] [--state-file FILE]
  [--slot-milliseconds 400] [--finality-slots 32] [--facades 1]`;

/** @throws Error whose message names the flag and what it takes. */
export function parseOptions(argv: readonly string[]): LocalnetOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string' },
      'ws-port': { type: 'string' },
      'state-file': { type: 'string' },
      'slot-milliseconds': { type: 'string' },
      'finality-slots': { type: 'string' },
      facades: { type: 'string' },
    },
  });
  const wsPort = values['ws-port'];
  return {
    port: integer('port', values.port ?? String(DEFAULT_OPTIONS.port), 0, 65_535),
    wsPort: wsPort === undefined ? null : integer('ws-port', wsPort, 0, 65_535),
    stateFile: values['state-file'] ?? null,
    slotMilliseconds: integer('slot-milliseconds', values['slot-milliseconds'] ?? '400', 5, 60_000),
    finalitySlots: integer('finality-slots', values['finality-slots'] ?? '32', 1, 149),
    facades: integer('facades', values.facades ?? '1', 1, 16),
  };
}

/** The flags that {@link parseOptions} reads back. */
export function formatOptions(options: LocalnetOptions): readonly string[] {
  return [
    `--port=${options.port}`,
    ...(options.wsPort === null ? [] : [`--ws-port=${options.wsPort}`]),
    ...(options.stateFile === null ? [] : [`--state-file=${options.stateFile}`]),
    `--slot-milliseconds=${options.slotMilliseconds}`,
    `--finality-slots=${options.finalitySlots}`,
    `--facades=${options.facades}`,
  ];
}

function integer(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new Error(`--${flag} must be an integer from ${least} to ${most}, not ${JSON.stringify(text)}`);
  }
  return value;
}
