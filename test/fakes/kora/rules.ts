// Owns what the fake Kora checks before it signs, in the order and the words of the real one (kora-lib 2.0.5, free price).

import {
  type CompiledTransactionMessage,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
} from '@solana/kit';
import { ComputeBudgetInstruction, identifyComputeBudgetInstruction } from '@solana-program/compute-budget';
import { identifySystemInstruction, SYSTEM_PROGRAM_ADDRESS, SystemInstruction } from '@solana-program/system';

const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111';
const LAMPORTS_PER_SIGNATURE = 5_000n;

export interface KoraValidation {
  readonly max_allowed_lamports: number;
  readonly max_signatures: number;
  readonly allowed_programs: readonly string[];
  readonly disallowed_accounts: readonly string[];
}

/** Its message is that of the real one. */
export class KoraDenial extends Error {}

export interface ReadTransaction {
  readonly messageBytes: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  /** Base58, those that sign first. */
  readonly accounts: readonly string[];
  readonly instructions: readonly ReadInstruction[];
}

interface ReadInstruction {
  readonly program: string;
  readonly accounts: readonly string[];
  readonly data: Uint8Array;
}

/** @throws KoraDenial for what is no legacy transaction or one of version 0. */
export function readTransaction(text: string): ReadTransaction {
  const wire = Buffer.from(text, 'base64');
  const stray = /[^A-Za-z0-9+/=]/.exec(text);
  if (stray !== null) {
    const symbol = `Invalid symbol ${text.charCodeAt(stray.index)}, offset ${stray.index}.`;
    throw new KoraDenial(`Invalid transaction: Failed to decode base64 transaction: ${symbol}`);
  }
  const count = wire[0] ?? 0;
  try {
    const { messageBytes } = getTransactionDecoder().decode(wire);
    const message = getCompiledTransactionMessageDecoder().decode(messageBytes);
    if (message.version === 1) throw new Error('it knows no version 1');
    const signatures = Array.from({ length: count }, (_, slot) => wire.subarray(1 + slot * 64, 65 + slot * 64));
    return { messageBytes: Uint8Array.from(messageBytes), signatures, ...contentsOf(message) };
  } catch {
    throw new KoraDenial('Invalid transaction: Failed to deserialize transaction: io error: unexpected end of file');
  }
}

function contentsOf(message: Exclude<CompiledTransactionMessage, { readonly version: 1 }>) {
  if (message.version === 0 && (message.addressTableLookups ?? []).length > 0) {
    throw new Error('the fake resolves no lookup tables');
  }
  const accounts = message.staticAccounts;
  const at = (index: number): string => accounts[index] ?? '';
  const instructions = message.instructions.map(({ programAddressIndex, accountIndices = [], data }) => ({
    program: at(programAddressIndex),
    accounts: accountIndices.map(at),
    data: Uint8Array.from(data ?? []),
  }));
  return { accounts, instructions };
}

/** @throws KoraDenial */
export function validate(transaction: ReadTransaction, payer: string, rules: KoraValidation): void {
  const deny = (why: string): never => {
    throw new KoraDenial(`Invalid transaction: ${why}`);
  };
  const { signatures, instructions } = transaction;
  if (signatures.length > rules.max_signatures)
    deny(`Too many signatures: ${signatures.length} > ${rules.max_signatures}`);
  for (const { program } of instructions) {
    if (!rules.allowed_programs.includes(program)) deny(`Program ${program} is not in the allowed list`);
  }
  const spent = spentBy(payer, instructions);
  if (spent > BigInt(rules.max_allowed_lamports)) {
    deny(`Total transfer amount ${spent} exceeds maximum allowed ${rules.max_allowed_lamports}`);
  }
  for (const account of instructions.flatMap(({ accounts }) => accounts)) {
    if (rules.disallowed_accounts.includes(account)) deny(`Account ${account} is disallowed`);
  }
  if (transfersOf(payer, instructions).length > 0) deny("Fee payer cannot be used for 'System Transfer'");
  const fee = feeOf(transaction);
  if (fee > BigInt(rules.max_allowed_lamports))
    deny(`Fee ${fee} exceeds maximum allowed ${rules.max_allowed_lamports}`);
  if (!transaction.accounts.includes(payer)) deny(`Signer ${payer} not found in transaction account keys`);
}

function transfersOf(payer: string, instructions: readonly ReadInstruction[]): readonly ReadInstruction[] {
  return instructions.filter(
    ({ program, accounts, data }) =>
      program === SYSTEM_PROGRAM_ADDRESS &&
      accounts[0] === payer &&
      identifySystemInstruction(data) === SystemInstruction.TransferSol,
  );
}

function spentBy(payer: string, instructions: readonly ReadInstruction[]): bigint {
  return transfersOf(payer, instructions).reduce((sum, { data }) => sum + Buffer.from(data).readBigUInt64LE(4), 0n);
}

/** As the cluster counts it: signatures, and the price of the compute units that are asked for. */
function feeOf({ signatures, instructions }: ReadTransaction): bigint {
  let [limit, price] = [0n, 0n];
  for (const { data } of instructions.filter(({ program }) => program === COMPUTE_BUDGET)) {
    const kind = identifyComputeBudgetInstruction(data);
    if (kind === ComputeBudgetInstruction.SetComputeUnitLimit) limit = BigInt(Buffer.from(data).readUInt32LE(1));
    if (kind === ComputeBudgetInstruction.SetComputeUnitPrice) price = Buffer.from(data).readBigUInt64LE(1);
  }
  return BigInt(signatures.length) * LAMPORTS_PER_SIGNATURE + (limit * price + 999_999n) / 1_000_000n;
}
