// Owns the fee of a transaction as the runtime charges it: base fee a signature plus priority fee.
import { encodeBase58 } from '../base58.ts';
import type { WireMessage } from './wire-message.ts';

const LAMPORTS_PER_SIGNATURE = 5_000n;
const MICRO_LAMPORTS_PER_LAMPORT = 1_000_000n;
const MAX_COMPUTE_UNITS = 1_400_000n;
const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111';
const PRECOMPILES = new Set([
  'Ed25519SigVerify111111111111111111111111111',
  'KeccakSecp256k11111111111111111111111111111',
  'Secp256r1SigVerify1111111111111111111111111',
]);
/** Programs that are budgeted 3,000 units when no limit is set (builtins-default-costs of the runtime). */
const BUILTINS = new Set([
  '11111111111111111111111111111111',
  COMPUTE_BUDGET,
  'Vote111111111111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'LoaderV411111111111111111111111111111111111',
  'Ed25519SigVerify111111111111111111111111111',
  'KeccakSecp256k11111111111111111111111111111',
]);

/** Lamports that the fee payer is charged. */
export function feeOf(message: WireMessage): bigint {
  const programs = programsOf(message);
  const verified = message.instructions.reduce(
    (sum, { data }, at) => sum + (PRECOMPILES.has(programs[at] ?? '') ? (data[0] ?? 0) : 0),
    message.signers,
  );
  const priority = message.config === null ? priorityFee(message, programs) : message.config.priorityFeeLamports;
  return BigInt(verified) * LAMPORTS_PER_SIGNATURE + priority;
}

/** Micro-lamports that it offers for each compute unit. A version 1 transaction offers a sum. */
export function unitPriceOf(message: WireMessage): bigint {
  if (message.config !== null) {
    const { priorityFeeLamports, computeUnitLimit } = message.config;
    return computeUnitLimit === 0 ? 0n : (priorityFeeLamports * MICRO_LAMPORTS_PER_LAMPORT) / BigInt(computeUnitLimit);
  }
  return computeBudgetOf(message, programsOf(message)).price;
}

function programsOf(message: WireMessage): readonly string[] {
  return message.instructions.map(({ programIndex }) => encodeBase58(message.keys[programIndex] ?? new Uint8Array()));
}

interface ComputeBudget {
  /** Absent: not set. */
  readonly limit: bigint | undefined;
  readonly price: bigint;
}

function computeBudgetOf(message: WireMessage, programs: readonly string[]): ComputeBudget {
  let limit: bigint | undefined;
  let price = 0n;
  for (const [at, { data }] of message.instructions.entries()) {
    if (programs[at] !== COMPUTE_BUDGET) continue;
    const bytes = Buffer.from(data);
    if (bytes[0] === 2 && bytes.length >= 5) limit = BigInt(bytes.readUInt32LE(1));
    if (bytes[0] === 3 && bytes.length >= 9) price = bytes.readBigUInt64LE(1);
  }
  return { limit, price };
}

function priorityFee(message: WireMessage, programs: readonly string[]): bigint {
  const { limit, price } = computeBudgetOf(message, programs);
  const units = limit ?? programs.reduce((sum, program) => sum + (BUILTINS.has(program) ? 3_000n : 200_000n), 0n);
  const capped = units < MAX_COMPUTE_UNITS ? units : MAX_COMPUTE_UNITS;
  return (capped * price + MICRO_LAMPORTS_PER_LAMPORT - 1n) / MICRO_LAMPORTS_PER_LAMPORT;
}
