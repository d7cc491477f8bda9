// Owns what the fake's enclave does: it reads what it is to sign as strictly as Turnkey says that it does, and signs right or wrong (tkhq/sdk,
// public_api.swagger.json: v1SignTransactionIntentV2, v1SignRawPayloadIntentV2 and their results).
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import * as z from 'zod';
import { parseTransaction } from '../../../gateway/core/transaction/parse.ts';
import { withSignature } from '../../../gateway/core/transaction/wire.ts';
import { BAD_BODY, TurnkeyFailure } from './faults.ts';

export type Forgery = 'wrong_signature' | 'other_message' | 'other_key' | 'no_signature' | 'other_transaction';

export interface EnclaveKey {
  /** Base58. */
  readonly address: string;
  readonly key: KeyObject;
}

/** By what requests may call a key: an address, or the id of a private key. */
export type Enclave = (signWith: string) => EnclaveKey | null;

const hex = z.string().regex(/^([0-9a-f]{2})+$/);
const transactionSchema = z.strictObject({
  signWith: z.string(),
  unsignedTransaction: hex,
  type: z.literal('TRANSACTION_TYPE_SOLANA'),
});
const payloadSchema = z.strictObject({
  signWith: z.string(),
  payload: hex,
  encoding: z.literal('PAYLOAD_ENCODING_HEXADECIMAL'),
  hashFunction: z.string(),
});

/** The result, once it is wanted. @throws TurnkeyFailure at once. */
export function transactionSigning(
  enclave: Enclave,
  parameters: unknown,
  forgery: Forgery | null,
): () => object | null {
  const { signWith, unsignedTransaction } = parsed(transactionSchema, parameters);
  const { address, key } = findKey(enclave, signWith);
  const read = parseTransaction(Buffer.from(unsignedTransaction, 'hex'));
  if (read.kind === 'malformed') throw new TurnkeyFailure(400, 'INVALID_TRANSACTION', 'failed to parse transaction');
  const transaction = read.value;
  const slot = transaction.staticAccounts.slice(0, transaction.signatures.length).map(String).indexOf(address);
  if (slot < 0) throw new TurnkeyFailure(400, 'INVALID_TRANSACTION', 'the key is no signer of the transaction');
  return () => {
    const signature = signatureOver(transaction.messageBytes, key, forgery);
    if (signature === null) return null;
    const signed = Buffer.from(withSignature(transaction, slot, signature));
    // Somewhere in the blockhash or behind it: a message of the same size that is another one.
    if (forgery === 'other_transaction') signed[signed.length - 5] = (signed[signed.length - 5] ?? 0) ^ 1;
    return { signTransactionResult: { signedTransaction: signed.toString('hex') } };
  };
}

export function payloadSigning(enclave: Enclave, parameters: unknown, forgery: Forgery | null): () => object | null {
  const { signWith, payload, hashFunction } = parsed(payloadSchema, parameters);
  const { key } = findKey(enclave, signWith);
  if (hashFunction !== 'HASH_FUNCTION_NOT_APPLICABLE') {
    throw new TurnkeyFailure(400, '', 'invalid hash function');
  }
  return () => {
    const signature = signatureOver(Buffer.from(payload, 'hex'), key, forgery);
    if (signature === null) return null;
    // Zero bytes in front are left out, as was seen at Turnkey (solana-foundation/solana-keychain, pull request 213).
    const half = (from: number): string => signature.toString('hex', from, from + 32).replace(/^(00)+/, '');
    return { signRawPayloadResult: { r: half(0), s: half(32), v: '00' } };
  };
}

function parsed<T>(schema: z.ZodType<T>, parameters: unknown): T {
  const read = schema.safeParse(parameters);
  if (!read.success) throw BAD_BODY();
  return read.data;
}

function findKey(enclave: Enclave, signWith: string): EnclaveKey {
  const found = enclave(signWith);
  if (found !== null) return found;
  const message = `could not find any resource to sign with. Addresses are case sensitive. Supplied: ${signWith}`;
  throw new TurnkeyFailure(404, '', message);
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
