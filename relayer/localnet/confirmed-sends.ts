// Owns sending on the local chain and waiting for it, for setting up a playground; the gateway has its own way.
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Address,
  appendTransactionMessageInstructions,
  createSolanaRpc,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  type Instruction,
  lamports,
  pipe,
  type Signature,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type TransactionSigner,
} from '@solana/kit';

const POLL_MILLISECONDS = 25;
const CONFIRM_MILLISECONDS = 30_000;

/** Gives an address lamports from the faucet. Resolves when that is confirmed. */
export async function airdrop(rpcUrl: string, address: Address, amount: bigint): Promise<void> {
  const rpc = createSolanaRpc(rpcUrl);
  await waitForConfirmation(rpcUrl, await rpc.requestAirdrop(address, lamports(amount)).send());
}

/** Sends one transaction and waits until it is confirmed. @throws Error when it fails or 30 seconds are over. */
export async function sendConfirmed(
  rpcUrl: string,
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
): Promise<Signature> {
  const rpc = createSolanaRpc(rpcUrl);
  const { value: blockhash } = await rpc.getLatestBlockhash({ commitment: 'confirmed' }).send();
  const transaction = await pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(feePayer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(blockhash, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
    signTransactionMessageWithSigners,
  );
  const wire = getBase64EncodedWireTransaction(transaction);
  const options = { encoding: 'base64', preflightCommitment: 'confirmed' } as const;
  const signature = await rpc.sendTransaction(wire, options).send();
  await waitForConfirmation(rpcUrl, signature);
  return signature;
}

async function waitForConfirmation(rpcUrl: string, signature: Signature): Promise<void> {
  const rpc = createSolanaRpc(rpcUrl);
  const deadline = performance.now() + CONFIRM_MILLISECONDS;
  while (performance.now() < deadline) {
    const status = (await rpc.getSignatureStatuses([signature]).send()).value[0] ?? null;
    if (status !== null && status.err !== null) throw new Error(`transaction ${signature} failed on the local chain`);
    if (status !== null && status.confirmationStatus !== 'processed') return;
    await delay(POLL_MILLISECONDS);
  }
  throw new Error(`transaction ${signature} was not confirmed within ${CONFIRM_MILLISECONDS} ms`);
}
