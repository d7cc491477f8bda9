// Owns what a transaction costs in fees: a price a signature, and the priority fee that it offers.
import type { Address } from '../address.ts';
import type { DecodedInstruction, DecodedTransaction } from '../transaction/decoded-transaction.ts';
import {
  COMPUTE_BUDGET_PROGRAM,
  ED25519_PROGRAM,
  LOADER_V1_PROGRAM,
  LOADER_V2_PROGRAM,
  LOADER_V3_PROGRAM,
  LOADER_V4_PROGRAM,
  SECP256K1_PROGRAM,
  SECP256R1_PROGRAM,
  SYSTEM_PROGRAM,
} from '../transaction/programs/program-ids.ts';
import type { Fee } from './effects.ts';

const LAMPORTS_PER_SIGNATURE = 5_000n;
const MAX_COMPUTE_UNITS = 1_400_000n;
const BUILTIN_UNITS = 3_000n;
const OTHER_UNITS = 200_000n;
const MICRO = 1_000_000n;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Programs whose instructions verify signatures, as many as their first byte says, at the price of a signature each. */
const PRECOMPILES: ReadonlySet<Address> = new Set([ED25519_PROGRAM, SECP256K1_PROGRAM, SECP256R1_PROGRAM]);

/** Agave's builtins-default-costs. What is not listed counts as costing more, so a doubt overstates the fee. */
const BUILTINS: ReadonlySet<Address> = new Set([
  SYSTEM_PROGRAM,
  COMPUTE_BUDGET_PROGRAM,
  ED25519_PROGRAM,
  SECP256K1_PROGRAM,
  LOADER_V1_PROGRAM,
  LOADER_V2_PROGRAM,
  LOADER_V3_PROGRAM,
  LOADER_V4_PROGRAM,
]);

/** Lamports; each part stops at the top of a u64, as in the runtime. */
export function computeFee(decoded: DecodedTransaction): Fee {
  const baseLamports = LAMPORTS_PER_SIGNATURE * BigInt(signatureCount(decoded));
  const priorityLamports = capped(priorityFee(decoded));
  const totalLamports = capped(baseLamports + priorityLamports);
  return { payer: decoded.feePayer, baseLamports, priorityLamports, totalLamports };
}

function signatureCount(decoded: DecodedTransaction): number {
  let count = decoded.signers.length;
  for (const { program, data } of decoded.instructions) if (PRECOMPILES.has(program)) count += data[0] ?? 0;
  return count;
}

/** v1 names the fee itself and its Compute Budget instructions configure nothing; before, it is price times limit. */
function priorityFee(decoded: DecodedTransaction): bigint {
  const { config } = decoded.compiled;
  if (config !== null) return config.priorityFeeLamports ?? 0n;
  let price = 0n;
  let limit: bigint | null = null;
  for (const instruction of decoded.instructions) {
    price = argument(instruction, 'set_compute_unit_price', 'micro_lamports') ?? price;
    limit = argument(instruction, 'set_compute_unit_limit', 'units') ?? limit;
  }
  if (price === 0n) return 0n;
  const units = limit ?? defaultLimit(decoded.instructions);
  return (price * (units < MAX_COMPUTE_UNITS ? units : MAX_COMPUTE_UNITS) + MICRO - 1n) / MICRO;
}

function defaultLimit(instructions: readonly DecodedInstruction[]): bigint {
  let units = 0n;
  for (const { program } of instructions) units += BUILTINS.has(program) ? BUILTIN_UNITS : OTHER_UNITS;
  return units;
}

function argument(instruction: DecodedInstruction, name: string, field: string): bigint | null {
  if (instruction.kind !== 'known' || instruction.program !== COMPUTE_BUDGET_PROGRAM) return null;
  const value = instruction.name === name ? instruction.arguments[field] : null;
  return typeof value === 'bigint' ? value : null;
}

function capped(lamports: bigint): bigint {
  return lamports < U64_MAX ? lamports : U64_MAX;
}
