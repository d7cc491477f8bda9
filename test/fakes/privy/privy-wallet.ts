// Owns what the fake's enclave does for a wallet: signTransaction and signMessage of Solana, right or wrong (privy-io/node-sdk,
// src/resources/wallets/wallets.ts: SolanaSignTransactionRpcInput, SolanaSignMessageRpcInput and their responses).
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import * as z from 'zod';
import { parseTransaction } from '../../../gateway/core/transaction/parse.ts';
import { withSignature } from '../../../gateway/core/transaction/wire.ts';
import { PrivyFailure } from './privy-failure.ts';

export type Forgery = 'wrong_signature' | 'other_message' | 'other_key' | 'no_signature' | 'other_transaction';

export interface SigningWallet {
  /** Base58. */
  readonly address: string;
  readonly key: KeyObject;
}

const params = { encoding: z.literal('base64') };
const rpcSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('signTransaction'),
    chain_type: z.literal('solana'),
    params: z.strictObject({ ...params, transaction: z.base64().max(100_002) }),
  }),
  z.strictObject({
    method: z.literal('signMessage'),
    chain_type: z.literal('solana'),
    params: z.strictObject({ ...params, message: z.base64().max(100_002) }),
  }),
]);

/** @throws PrivyFailure */
export function signFor(wallet: SigningWallet, body: unknown, forgery: Forgery | null): object {
  const read = rpcSchema.safeParse(body);
  if (!read.success) throw new PrivyFailure(400, 'invalid_data', 'Invalid request body');
  const { method, params: asked } = read.data;
  if ('message' in asked) {
    const signature = signatureOver(Buffer.from(asked.message, 'base64'), wallet.key, forgery);
    return { method, data: { ...(signature && { signature: signature.toString('base64') }), encoding: 'base64' } };
  }
  const signed = signTransaction(wallet, Buffer.from(asked.transaction, 'base64'), forgery);
  return { method, data: { ...(signed && { signed_transaction: signed.toString('base64') }), encoding: 'base64' } };
}

function signTransaction({ address, key }: SigningWallet, wire: Buffer, forgery: Forgery | null): Buffer | null {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new PrivyFailure(400, 'invalid_data', 'Failed to deserialize the transaction');
  const transaction = parsed.value;
  const slot = transaction.staticAccounts.slice(0, transaction.signatures.length).map(String).indexOf(address);
  if (slot < 0) throw new PrivyFailure(400, 'invalid_data', 'The wallet is not a signer of the transaction');
  const signature = signatureOver(transaction.messageBytes, key, forgery);
  if (signature === null) return null;
  const signed = Buffer.from(withSignature(transaction, slot, signature));
  if (forgery === 'other_transaction') signed[signed.length - 5] = (signed[signed.length - 5] ?? 0) ^ 1;
  return signed;
}

function signatureOver(messageBytes: Uint8Array, key: KeyObject, forgery: Forgery | null): Buffer | null {
  switch (forgery) {
    case null:
    case 'other_transaction':
      return sign(null, messageBytes, key);
    case 'no_signature':
      return null;
    case 'wrong_signature':
      return randomBytes(64);
    case 'other_message':
      return sign(null, Buffer.concat([messageBytes, Buffer.of(0)]), key);
    case 'other_key':
      return sign(null, messageBytes, generateKeyPairSync('ed25519').privateKey);
  }
}
