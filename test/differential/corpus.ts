// Owns building real wire transactions of every version with kit, from random instructions.
import {
  AccountRole,
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  blockhash,
  compileTransaction,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  getAddressDecoder,
  getBase58Decoder,
  getTransactionEncoder,
  type Instruction,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type V1TransactionConfig,
} from '@solana/kit';
import { COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A lookup table that exists on the test's chain. */
export interface KnownTable {
  readonly address: Address;
  readonly entries: readonly Address[];
}

export interface Corpus {
  readonly transactions: readonly Uint8Array[];
  readonly tables: readonly KnownTable[];
  readonly feePayer: Address;
}

const ROLES = [
  AccountRole.READONLY,
  AccountRole.WRITABLE,
  AccountRole.READONLY_SIGNER,
  AccountRole.WRITABLE_SIGNER,
] as const;

export function buildCorpus(random: SeededRandom, size: number): Corpus {
  const feePayer = randomAddress(random);
  const tables = [0, 1, 2].map(() => ({
    address: randomAddress(random),
    entries: Array.from({ length: 6 }, () => randomAddress(random)),
  }));
  const transactions: Uint8Array[] = [];
  while (transactions.length < size) {
    const version = (['legacy', 0, 0, 1] as const)[transactions.length % 4] ?? 'legacy';
    const wire = buildTransaction(random, version, feePayer, tables);
    if (wire.length <= (version === 1 ? 4096 : 1232)) transactions.push(fillSignatures(random, wire, version));
  }
  return { transactions, tables, feePayer };
}

export function randomAddress(random: SeededRandom): Address {
  return getAddressDecoder().decode(random.bytes(32));
}

export function randomBlockhash(random: SeededRandom): Blockhash {
  return blockhash(getBase58Decoder().decode(random.bytes(32)));
}

function buildTransaction(
  random: SeededRandom,
  version: 'legacy' | 0 | 1,
  feePayer: Address,
  tables: readonly KnownTable[],
): Uint8Array {
  const entries = tables.flatMap((table) => table.entries);
  const pool = [feePayer, ...Array.from({ length: 4 }, () => randomAddress(random)), ...entries.slice(0, 9)];
  const instructions = Array.from({ length: random.below(5) }, () => randomInstruction(random, pool));
  const token = randomBlockhash(random);
  if (version === 'legacy') return encodeLegacy(feePayer, token, instructions);
  if (version === 1) return encodeV1(feePayer, token, instructions, randomConfig(random));
  return encodeV0(feePayer, token, instructions, random.chance(70) ? tables : []);
}

export function encodeLegacy(feePayer: Address, token: Blockhash, instructions: readonly Instruction[]): Uint8Array {
  return pipe(
    createTransactionMessage({ version: 'legacy' }),
    (m) => setTransactionMessageFeePayer(feePayer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: token, lastValidBlockHeight: 1n }, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
    (m) => new Uint8Array(getTransactionEncoder().encode(compileTransaction(m))),
  );
}

export function encodeV0(
  feePayer: Address,
  token: Blockhash,
  instructions: readonly Instruction[],
  tables: readonly KnownTable[],
): Uint8Array {
  const byTable = Object.fromEntries(tables.map((table) => [table.address, [...table.entries]]));
  return pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(feePayer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: token, lastValidBlockHeight: 1n }, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
    (m) => compressTransactionMessageUsingAddressLookupTables(m, byTable),
    (m) => new Uint8Array(getTransactionEncoder().encode(compileTransaction(m))),
  );
}

export function encodeV1(
  feePayer: Address,
  token: Blockhash,
  instructions: readonly Instruction[],
  config: V1TransactionConfig,
): Uint8Array {
  return pipe(
    createTransactionMessage({ version: 1 }),
    (m) => setTransactionMessageConfig(config, m),
    (m) => setTransactionMessageFeePayer(feePayer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: token, lastValidBlockHeight: 1n }, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
    (m) => new Uint8Array(getTransactionEncoder().encode(compileTransaction(m))),
  );
}

function randomConfig(random: SeededRandom): V1TransactionConfig {
  return {
    ...(random.chance(50) ? { priorityFeeLamports: random.amount() } : {}),
    ...(random.chance(50) ? { computeUnitLimit: random.below(1_400_001) } : {}),
    ...(random.chance(50) ? { loadedAccountsDataSizeLimit: 1 + random.below(2 ** 26) } : {}),
    ...(random.chance(50) ? { heapSize: 1024 * (32 + random.below(225)) } : {}),
  };
}

function randomInstruction(random: SeededRandom, pool: readonly Address[]): Instruction {
  const programAddress = random.pick([SYSTEM_PROGRAM, COMPUTE_BUDGET_PROGRAM, randomAddress(random)]);
  const accounts = Array.from({ length: random.below(7) }, () => {
    const address = random.pick(pool);
    // Only some may sign: an entry of a lookup table that signs could not be looked up.
    return { address, role: ROLES[random.below(pool.indexOf(address) < 5 ? 4 : 2)] ?? AccountRole.READONLY };
  });
  return { programAddress, accounts, data: random.bytes(random.pick([0, 1, 4, 12, 40, 130])) };
}

/** Some slots filled, as when others have signed. */
function fillSignatures(random: SeededRandom, wire: Uint8Array, version: 'legacy' | 0 | 1): Uint8Array {
  const count = version === 1 ? (wire[1] ?? 0) : (wire[0] ?? 0);
  const start = version === 1 ? wire.length - count * 64 : 1;
  for (let i = 0; i < count; i++) if (random.chance(50)) wire.set(random.bytes(64), start + i * 64);
  return wire;
}
