// Owns the two activities that ask Turnkey for a signature, and how it is taken out of what they result in.
import { bytesFromHex } from '../hex.ts';
import { carries, layoutOf, type OwnSignature, ownSignature } from '../own-signature.ts';
import type { SignContext } from '../signer.ts';
import type { Activity } from './activity.ts';

export interface SigningRequest {
  readonly path: string;
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Out of an activity that was completed. */
  readonly signatureIn: (activity: Activity) => OwnSignature;
}

export type RequestReading =
  | { readonly kind: 'request'; readonly request: SigningRequest }
  | { readonly kind: 'unfit'; readonly reason: string };

export interface SigningKey {
  /** Base58. */
  readonly address: string;
  /** What Turnkey knows the key by: its address, or the id of a private key. */
  readonly signWith: string;
}

export function signingRequest(key: SigningKey, messageBytes: Uint8Array, context: SignContext): RequestReading {
  return context.kind === 'message'
    ? { kind: 'request', request: rawPayload(key, messageBytes) }
    : wholeTransaction(key, messageBytes, context.wireTransaction);
}

/** So that Turnkey's own policies see what they decide on. */
function wholeTransaction(
  { address, signWith }: SigningKey,
  messageBytes: Uint8Array,
  wireTransaction: Uint8Array,
): RequestReading {
  const reading = layoutOf(messageBytes, address);
  if (reading.kind === 'unreadable') return { kind: 'unfit', reason: reading.reason };
  const { layout } = reading;
  if (!carries(wireTransaction, messageBytes, layout)) {
    return { kind: 'unfit', reason: 'the wire transaction is not one with the message that is to be signed' };
  }
  const request: SigningRequest = {
    path: '/public/v1/submit/sign_transaction',
    type: 'ACTIVITY_TYPE_SIGN_TRANSACTION_V2',
    parameters: {
      signWith,
      unsignedTransaction: Buffer.from(wireTransaction).toString('hex'),
      type: 'TRANSACTION_TYPE_SOLANA',
    },
    signatureIn: ({ result }) => {
      const answered = bytesFromHex(result?.signTransactionResult?.signedTransaction ?? '');
      if (answered === null) return { kind: 'absent', reason: 'it answered no signed transaction' };
      return ownSignature(answered, messageBytes, layout);
    },
  };
  return { kind: 'request', request };
}

const HALF_DIGITS = 64;

function rawPayload({ signWith }: SigningKey, messageBytes: Uint8Array): SigningRequest {
  return {
    path: '/public/v1/submit/sign_raw_payload',
    type: 'ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2',
    parameters: {
      signWith,
      payload: Buffer.from(messageBytes).toString('hex'),
      encoding: 'PAYLOAD_ENCODING_HEXADECIMAL',
      // Ed25519 hashes by itself: Turnkey demands that this is said.
      hashFunction: 'HASH_FUNCTION_NOT_APPLICABLE',
    },
    signatureIn: ({ result }) => {
      // Zeros in front of either half may be left out.
      const { r = '', s = '' } = result?.signRawPayloadResult ?? {};
      const halves = [r, s].map((half) => (half === '' ? '' : half.padStart(HALF_DIGITS, '0')));
      const signature = halves.every(({ length }) => length === HALF_DIGITS) ? bytesFromHex(halves.join('')) : null;
      return signature === null ? { kind: 'absent', reason: 'it answered no signature' } : { kind: 'found', signature };
    },
  };
}
