// Asks a Countersign gateway to sign a message, for example to sign in somewhere: node sign-message.ts TEXT
//
// Reads the environment as sign-and-send.ts does. What may be signed is plain text that the policy names, never what could be a
// transaction. Exits with 0: signed; 1: a fault; 2: wrong arguments; 3: denied; 4: waits for approval.
import { randomUUID } from 'node:crypto';
import { address, getBase58Encoder, getPublicKeyFromAddress, signatureBytes, verifySignature } from '@solana/kit';
import { connect, explain, type Gateway, printDenial, printPendingApproval } from './gateway.ts';

async function signMessage(gateway: Gateway, text: string): Promise<number> {
  const { wallets } = await gateway.listWallets({});
  const [wallet] = wallets;
  if (wallet === undefined) throw new Error('no wallet is bound to this API key');

  const message = new TextEncoder().encode(text);
  const { outcome } = await gateway.signMessage({
    wallet: wallet.wallet,
    message,
    idempotencyKey: randomUUID(), // the same key with the same message gives the same signature
    context: { purpose: 'example' },
  });

  switch (outcome.case) {
    case 'signed': {
      const { signature } = outcome.value;
      const key = await getPublicKeyFromAddress(address(wallet.address));
      const bytes = signatureBytes(new Uint8Array(getBase58Encoder().encode(signature)));
      if (!(await verifySignature(key, bytes, message)))
        throw new Error('the signature is not of this wallet and message');
      console.log(`signed by ${wallet.address}: ${signature}`);
      return 0;
    }
    case 'denied':
      return printDenial(outcome.value);
    case 'pendingApproval':
      return printPendingApproval(outcome.value);
    case undefined:
      return 1; // an outcome that this client does not know is no success
  }
}

const [text = '', ...rest] = process.argv.slice(2);
if (text === '' || rest.length > 0) {
  console.error('usage: node sign-message.ts TEXT (one argument)');
  process.exit(2);
}
try {
  using gateway = connect();
  process.exitCode = await signMessage(gateway, text);
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
