// Owns writing the same instructions as a transaction of each version, paid by the wallet.
import {
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  blockhash,
  compileTransaction,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  getTransactionEncoder,
  type Instruction,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';

/** A placeholder, where the gateway is asked to set a fresh one. */
const NO_BLOCKHASH = blockhash('11111111111111111111111111111111');

/** What is not set is zero. */
const ENOUGH = { computeUnitLimit: 100_000, loadedAccountsDataSizeLimit: 10_000_000 };

export interface Written {
  readonly feePayer: Address;
  readonly instructions: readonly Instruction[];
  readonly lifetime?: Blockhash;
}

export function legacy({ feePayer, instructions, lifetime = NO_BLOCKHASH }: Written): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 'legacy' }),
    (m) => setTransactionMessageFeePayer(feePayer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: lifetime, lastValidBlockHeight: 0n }, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

/** `tables`: what the agent says that they hold. */
export function v0(
  { feePayer, instructions, lifetime = NO_BLOCKHASH }: Written,
  tables: { readonly [table: string]: Address[] } = {},
): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(feePayer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: lifetime, lastValidBlockHeight: 0n }, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
    (m) => compressTransactionMessageUsingAddressLookupTables(m, tables),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

export function v1({ feePayer, instructions, lifetime = NO_BLOCKHASH }: Written, config = {}): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 1 }),
    (m) => setTransactionMessageConfig({ ...ENOUGH, ...config }, m),
    (m) => setTransactionMessageFeePayer(feePayer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: lifetime, lastValidBlockHeight: 0n }, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}
