// Owns how an agent builds the transactions of the tour: with kit, unsigned, as any program on Solana would.
import {
  type Address,
  appendTransactionMessageInstructions,
  blockhash,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getTransactionEncoder,
  type Instruction,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { findAssociatedTokenPda, getTransferCheckedInstruction, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';

/** A placeholder: the gateway is asked to set a fresh blockhash before it judges. */
const NO_BLOCKHASH = blockhash('11111111111111111111111111111111');

export function wireTransaction(feePayer: Address, instructions: readonly Instruction[]): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(feePayer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: NO_BLOCKHASH, lastValidBlockHeight: 0n }, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

export function solTransfer(from: Address, to: Address, lamports: bigint): Uint8Array {
  return solTransfers(from, to, [lamports]);
}

/** One instruction for each amount. */
export function solTransfers(from: Address, to: Address, amounts: readonly bigint[]): Uint8Array {
  const source = createNoopSigner(from);
  return wireTransaction(
    from,
    amounts.map((amount) => getTransferSolInstruction({ source, destination: to, amount })),
  );
}

export async function tokenTransfer(
  from: Address,
  to: Address,
  mint: { readonly address: Address; readonly decimals: number },
  amount: bigint,
): Promise<Uint8Array> {
  return wireTransaction(from, [
    getTransferCheckedInstruction({
      source: await tokenAccount(from, mint.address),
      mint: mint.address,
      destination: await tokenAccount(to, mint.address),
      authority: createNoopSigner(from),
      amount,
      decimals: mint.decimals,
    }),
  ]);
}

export async function tokenAccount(owner: Address, mint: Address): Promise<Address> {
  const [address] = await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  return address;
}

/** A call into a program that the policy does not name, with the wallet as writable signer. */
export function unnamedProgramCall(wallet: Address, program: Address): Uint8Array {
  const accounts = [{ address: wallet, role: 3 }];
  return wireTransaction(wallet, [{ programAddress: program, accounts, data: new Uint8Array([1, 0, 0, 0]) }]);
}
