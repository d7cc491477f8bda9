// Owns the step from a compiled transaction with its accounts to named instructions, signers and lifetime.
import type { CompiledInstruction, CompiledTransaction } from './compiled-transaction.ts';
import type { AccountReference, DecodedTransaction, Lifetime } from './decoded-transaction.ts';
import { durableNonceOf } from './durable-nonce.ts';
import { type DescribedPrograms, decodeInstruction, NOTHING_DESCRIBED } from './programs/decode-instruction.ts';

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

function readLifetime(tx: CompiledTransaction, accounts: readonly AccountReference[]): Lifetime {
  const [first] = tx.instructions;
  const durable = durableNonceOf(tx);
  if (first === undefined || durable === null) return { kind: 'blockhash', blockhash: tx.lifetimeToken };
  return { kind: 'durable_nonce', ...durable, nonceAuthority: nonceAuthorityOf(first, accounts) };
}

/** The third account by convention; else the first that signs, because the runtime takes the authority from any signer. */
function nonceAuthorityOf(instruction: CompiledInstruction, accounts: readonly AccountReference[]) {
  const references = instruction.accountIndexes.map((i) => at(accounts, i));
  const conventional = references[2];
  if (conventional?.signer) return conventional.address;
  return (references.find((reference) => reference.signer) ?? at(references, 0)).address;
}

function at(accounts: readonly AccountReference[], index: number): AccountReference {
  const account = accounts[index];
  if (account === undefined) throw new Error(`account ${index} is missing: the accounts are of another transaction`);
  return account;
}
