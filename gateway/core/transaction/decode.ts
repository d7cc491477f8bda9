// Owns the step from a compiled transaction with its accounts to named instructions, signers and lifetime.
import type { CompiledInstruction, CompiledTransaction } from './compiled-transaction.ts';
import type { AccountReference, DecodedTransaction, Lifetime } from './decoded-transaction.ts';
import { type DescribedPrograms, decodeInstruction, NOTHING_DESCRIBED } from './programs/decode-instruction.ts';
import { SYSTEM_PROGRAM } from './programs/program-ids.ts';

/**
 * `accounts` are those of `resolveAccounts` for the same transaction; throws when they are not.
 * Instructions that cannot be read are unknown, never left out.
 */
export function decodeTransaction(
  tx: CompiledTransaction,
  accounts: readonly AccountReference[],
  described: DescribedPrograms = NOTHING_DESCRIBED,
): DecodedTransaction {
  const feePayer = at(accounts, 0);
  return {
    compiled: tx,
    feePayer: feePayer.address,
    signers: tx.signatures.map((signature, i) => ({ address: at(accounts, i).address, signed: signature !== null })),
    lifetime: readLifetime(tx, accounts),
    accounts,
    instructions: tx.instructions.map((instruction, index) =>
      decodeInstruction(
        {
          index,
          program: at(accounts, instruction.programIndex).address,
          accounts: instruction.accountIndexes.map((i) => at(accounts, i)),
          data: instruction.data,
        },
        described,
      ),
    ),
  };
}

/**
 * The runtime's rule (solana-message, get_durable_nonce): the first instruction is System, its data start with 04 00 00 00,
 * and its first account is a static key. More data or accounts do not matter.
 */
function readLifetime(tx: CompiledTransaction, accounts: readonly AccountReference[]): Lifetime {
  const first = tx.instructions[0];
  const nonceIndex = first?.accountIndexes[0];
  if (
    first === undefined ||
    nonceIndex === undefined ||
    nonceIndex >= tx.staticAccounts.length ||
    tx.staticAccounts[first.programIndex] !== SYSTEM_PROGRAM ||
    !startsWithAdvanceNonce(first.data)
  ) {
    return { kind: 'blockhash', blockhash: tx.lifetimeToken };
  }
  const nonceAccount = at(accounts, nonceIndex).address;
  const nonceAuthority = nonceAuthorityOf(first, accounts);
  return { kind: 'durable_nonce', nonce: tx.lifetimeToken, nonceAccount, nonceAuthority };
}

/** The third account by convention; else the first that signs, because the runtime takes the authority from any signer. */
function nonceAuthorityOf(instruction: CompiledInstruction, accounts: readonly AccountReference[]) {
  const references = instruction.accountIndexes.map((i) => at(accounts, i));
  const conventional = references[2];
  if (conventional?.signer) return conventional.address;
  return (references.find((reference) => reference.signer) ?? at(references, 0)).address;
}

function startsWithAdvanceNonce(data: Uint8Array): boolean {
  return data.length >= 4 && data[0] === 4 && data[1] === 0 && data[2] === 0 && data[3] === 0;
}

function at(accounts: readonly AccountReference[], index: number): AccountReference {
  const account = accounts[index];
  if (account === undefined) throw new Error(`account ${index} is missing: the accounts are of another transaction`);
  return account;
}
