// Owns what must be true of a transaction's signers before it is judged: the wallet is one, and whatever is signed verifies.
import type { FeePayer } from '../../../relayer/fee-payer.ts';
import type { Address } from '../../core/address.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Wallet } from '../../core/principal/principal.ts';
import type { CompiledTransaction } from '../../core/transaction/compiled-transaction.ts';
import type { RequestAsk } from '../../state/contract/request-store.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

/** Place of the wallet among the required signers. */
export function walletSlot(transaction: CompiledTransaction, wallet: Wallet): number {
  const index = transaction.staticAccounts.indexOf(wallet.address);
  if (index >= 0 && index < transaction.header.requiredSignatures) return index;
  throw new GatewayError(
    'WALLET_NOT_A_SIGNER',
    `transaction: the wallet ${wallet.id} (${wallet.address}) is not one of its required signers`,
  );
}

/**
 * Who is to be asked to pay for it: it names them as its fee payer, and they have not signed; `null`: nobody. Throws FEE_PAYER_UNAVAILABLE
 * for one that is to be sent, that somebody other than the wallet is to pay for, and where the address of the fee payer is not known.
 */
export function unsignedFeePayer(
  { staticAccounts, signatures }: CompiledTransaction,
  feePayer: FeePayer | null,
  { method }: Pick<RequestAsk, 'method'>,
  walletIndex: number,
): Address | null {
  const [first] = staticAccounts;
  if (feePayer === null || first === undefined || signatures[0] !== null) return null;
  if (feePayer.address === null && walletIndex !== 0 && method === 'sign_and_send') {
    throw new GatewayError(
      'FEE_PAYER_UNAVAILABLE',
      `the address of the fee payer ${feePayer.name} is not known yet: nobody can be asked to pay as ${first}; nothing was signed`,
    );
  }
  return first === feePayer.address ? first : null;
}

/** To be sent, a transaction must have all signatures but the wallet's, and that of a fee payer who is yet to be asked. */
export async function checkSignatures(
  deps: Pick<PipelineDeps, 'verifySignature'>,
  transaction: CompiledTransaction,
  ask: RequestAsk,
  walletIndex: number,
  feePayer: Address | null,
): Promise<void> {
  for (const [index, signature] of transaction.signatures.entries()) {
    const address = transaction.staticAccounts[index];
    if (address === undefined) throw new GatewayError('INTERNAL', 'a signature without a signer passed the parser');
    if (signature === null) {
      const isToCome = index === walletIndex || (index === 0 && feePayer !== null);
      if (!isToCome && ask.method === 'sign_and_send') throw signatureMissing(address);
    } else if (!(await deps.verifySignature({ address, messageBytes: transaction.messageBytes, signature }))) {
      throw new GatewayError(
        'SIGNATURE_INVALID',
        `transaction: the signature of ${address} (slot ${index}) does not verify over the message; leave the slot zero if it has not signed`,
      );
    }
  }
}

function signatureMissing(address: Address): GatewayError {
  return new GatewayError(
    'SIGNATURES_MISSING',
    `transaction: the signature of ${address} is missing; to send it, all signatures but the wallet's, and that of the fee payer that ListWallets names, must be present`,
  );
}
