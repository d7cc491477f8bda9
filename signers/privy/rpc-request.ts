// Owns the two calls that ask Privy for a signature, and how it is taken out of what they answer.
import * as z from 'zod';
import { SIGNATURE_BYTES } from '../ed25519-key.ts';
import { carries, layoutOf, type OwnSignature, ownSignature } from '../own-signature.ts';
import type { SignContext } from '../signer.ts';
import type { CanonicalJson } from './canonical-json.ts';

export interface RpcRequest {
  readonly body: CanonicalJson;
  /** Out of the body of an answer with status 200. */
  readonly signatureIn: (answer: unknown) => OwnSignature;
}

export type RequestReading =
  | { readonly kind: 'request'; readonly request: RpcRequest }
  | { readonly kind: 'unfit'; readonly reason: string };

const signedTransaction = z.object({
  method: z.literal('signTransaction'),
  data: z.object({ signed_transaction: z.base64().max(16_384), encoding: z.literal('base64') }),
});
const signedMessage = z.object({
  method: z.literal('signMessage'),
  data: z.object({ signature: z.base64().max(256), encoding: z.literal('base64') }),
});

export function rpcRequest(address: string, messageBytes: Uint8Array, context: SignContext): RequestReading {
  return context.kind === 'message'
    ? { kind: 'request', request: message(messageBytes) }
    : wholeTransaction(address, messageBytes, context.wireTransaction);
}

/** So that Privy's own policies see what they decide on. */
function wholeTransaction(address: string, messageBytes: Uint8Array, wireTransaction: Uint8Array): RequestReading {
  const reading = layoutOf(messageBytes, address);
  if (reading.kind === 'unreadable') return { kind: 'unfit', reason: reading.reason };
  const { layout } = reading;
  if (!carries(wireTransaction, messageBytes, layout)) {
    return { kind: 'unfit', reason: 'the wire transaction is not one with the message that is to be signed' };
  }
  const params = { transaction: base64Of(wireTransaction), encoding: 'base64' };
  const request: RpcRequest = {
    body: { method: 'signTransaction', chain_type: 'solana', params },
    signatureIn: (answer) => {
      const read = signedTransaction.safeParse(answer);
      if (!read.success) return { kind: 'absent', reason: 'it answered no signed transaction' };
      return ownSignature(Buffer.from(read.data.data.signed_transaction, 'base64'), messageBytes, layout);
    },
  };
  return { kind: 'request', request };
}

function message(messageBytes: Uint8Array): RpcRequest {
  const params = { message: base64Of(messageBytes), encoding: 'base64' };
  return {
    body: { method: 'signMessage', chain_type: 'solana', params },
    signatureIn: (answer) => {
      const read = signedMessage.safeParse(answer);
      const signature = read.success ? Buffer.from(read.data.data.signature, 'base64') : Buffer.of();
      if (signature.length !== SIGNATURE_BYTES) return { kind: 'absent', reason: 'it answered no signature' };
      return { kind: 'found', signature: new Uint8Array(signature) };
    },
  };
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
