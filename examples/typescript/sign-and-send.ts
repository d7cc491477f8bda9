// Asks a Countersign gateway to sign and send a SOL transfer: node sign-and-send.ts RECIPIENT LAMPORTS
//
// Reads COUNTERSIGN_DATA_ADDRESS and COUNTERSIGN_API_KEY or COUNTERSIGN_API_KEY_FILE, and COUNTERSIGN_CA_FILE (PEM) where the
// gateway's certificate is not of a public authority.
// Exits with 0: confirmed; 1: a fault; 2: wrong arguments; 3: denied; 4: waits for approval.
import { randomUUID } from 'node:crypto';
import {
  type Address,
  address,
  appendTransactionMessageInstruction,
  blockhash,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getTransactionEncoder,
  isAddress,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState, RequestStateSchema } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { connect, explain, type Gateway, printDenial, printPendingApproval } from './gateway.ts';

async function signAndSend(gateway: Gateway, recipient: Address, lamports: bigint): Promise<number> {
  const { wallets } = await gateway.listWallets({});
  const [wallet] = wallets;
  if (wallet === undefined) throw new Error('no wallet is bound to this API key');

  const sender = address(wallet.address);
  const lifetime = { blockhash: blockhash('1'.repeat(32)), lastValidBlockHeight: 0n }; // the gateway sets a fresh one
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(sender, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) =>
      appendTransactionMessageInstruction(
        getTransferSolInstruction({ source: createNoopSigner(sender), destination: recipient, amount: lamports }),
        m,
      ),
  );

  const { outcome } = await gateway.signAndSendTransaction({
    wallet: wallet.wallet,
    transaction: new Uint8Array(getTransactionEncoder().encode(compileTransaction(message))),
    setFreshBlockhash: true,
    idempotencyKey: randomUUID(), // the same key with the same request never pays twice
    context: { purpose: 'example' },
    waitFor: WaitFor.CONFIRMED,
  });

  switch (outcome.case) {
    case 'submitted': {
      const { state, signature, error } = outcome.value;
      console.log(`${RequestStateSchema.value[state]?.localName}: ${signature} ${error}`.trimEnd());
      return state === RequestState.CONFIRMED || state === RequestState.FINALIZED ? 0 : 1;
    }
    case 'denied':
      return printDenial(outcome.value);
    case 'pendingApproval':
      return printPendingApproval(outcome.value);
    case undefined:
      return 1; // an outcome that this client does not know is no success
  }
}

const [recipient = '', lamports = '', ...rest] = process.argv.slice(2);
if (!isAddress(recipient) || !/^\d{1,20}$/.test(lamports) || BigInt(lamports) >= 2n ** 64n || rest.length > 0) {
  console.error('usage: node sign-and-send.ts RECIPIENT LAMPORTS (a base58 address and a whole number)');
  process.exit(2);
}
try {
  using gateway = connect();
  process.exitCode = await signAndSend(gateway, recipient, BigInt(lamports));
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
