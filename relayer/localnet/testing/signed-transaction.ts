// Owns making signed transactions for tests, in each version and with each kind of lifetime.
import {
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  blockhash,
  createTransactionMessage,
  generateKeyPairSigner,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  lamports,
  type Nonce,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  setTransactionMessageLifetimeUsingDurableNonce,
  setTransactionMessageLoadedAccountsDataSizeLimit,
  signTransactionMessageWithSigners,
  type Transaction,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { airdrop } from '../confirmed-sends.ts';

export interface BlockhashLifetime {
  readonly blockhash: Blockhash;
  readonly lastValidBlockHeight: bigint;
}

/** A key with 10 SOL. */
export async function fundedSigner(rpcUrl: string): Promise<KeyPairSigner> {
  const signer = await generateKeyPairSigner();
  await airdrop(rpcUrl, signer.address, 10_000_000_000n);
  return signer;
}

export function transferInstruction(source: KeyPairSigner, destination: Address, amount: bigint): Instruction {
  return getTransferSolInstruction({ source, destination, amount: lamports(amount) });
}

/** Signed by the fee payer and by every signer that an instruction carries. */
export async function signedWith(
  version: 'legacy' | 0,
  payer: KeyPairSigner,
  lifetime: BlockhashLifetime,
  instructions: readonly Instruction[],
): Promise<Transaction> {
  return pipe(
    createTransactionMessage({ version }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
    signTransactionMessageWithSigners,
  );
}

/** Version 1, with its limits: what is not set is zero there. */
export async function signedV1(
  payer: KeyPairSigner,
  lifetime: BlockhashLifetime,
  instructions: readonly Instruction[],
): Promise<Transaction> {
  return pipe(
    createTransactionMessage({ version: 1 }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => setTransactionMessageComputeUnitLimit(200_000, message),
    (message) => setTransactionMessageLoadedAccountsDataSizeLimit(1_000_000, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
    signTransactionMessageWithSigners,
  );
}

/** With a durable nonce; the payer is the nonce authority. */
export async function signedWithNonce(
  payer: KeyPairSigner,
  storedNonce: string,
  nonceAccountAddress: Address,
  instructions: readonly Instruction[],
): Promise<Transaction> {
  const nonceAuthorityAddress = payer.address;
  const nonce = toNonce(storedNonce);
  return pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) =>
      setTransactionMessageLifetimeUsingDurableNonce({ nonce, nonceAccountAddress, nonceAuthorityAddress }, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
    signTransactionMessageWithSigners,
  );
}

export function wireOf(transaction: Transaction): Uint8Array {
  return Uint8Array.from(getTransactionEncoder().encode(transaction));
}

/** A lifetime for transactions that are parsed and never sent. */
export function constantLifetime(): BlockhashLifetime {
  return { blockhash: blockhash('4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi'), lastValidBlockHeight: 1n };
}

/** kit has no constructor of this brand; it reads the value of a nonce account as an address. */
function toNonce(stored: string): Nonce {
  return stored as Nonce;
}
