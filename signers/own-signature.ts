// Owns the taking of a wallet's own signature out of a whole transaction that somebody else put it into: from its slot, and only round the
// very message that was to be signed.
import { bytesFromBase58, KEY_BYTES, SIGNATURE_BYTES } from './ed25519-key.ts';

/** Where the parts of a wire transaction round a given message stand. */
export interface WireLayout {
  /** Bytes of the whole wire transaction. */
  readonly size: number;
  readonly messageAt: number;
  /** Where the wallet's own signature stands. */
  readonly slotAt: number;
  /** Before the signatures of a legacy or v0 transaction stands their number, in one byte; `null`: v1, which has none. */
  readonly signatureCount: number | null;
}

export type LayoutReading =
  | { readonly kind: 'read'; readonly layout: WireLayout }
  | { readonly kind: 'unreadable'; readonly reason: string };

export type OwnSignature =
  | { readonly kind: 'found'; readonly signature: Uint8Array }
  | { readonly kind: 'absent'; readonly reason: string };

const V0 = 0x80;
const V1 = 0x81;
/** Of a legacy or v0 message, behind its version: signers, readonly signers, other readonly accounts. */
const HEADER_BYTES = 3;
/** Of a v1 message (SIMD-0385), in front of its keys: version, header, config mask, lifetime, numbers of instructions and of keys. */
const V1_KEYS_AT = 1 + HEADER_BYTES + 4 + 32 + 1 + 1;

/** Only what is needed to find one slot is read: whether the message is right otherwise was for the gateway to see. */
export function layoutOf(messageBytes: Uint8Array, address: string): LayoutReading {
  const first = messageBytes[0] ?? 0;
  if (first > V1) return { kind: 'unreadable', reason: `the message has the unknown version ${first & 0x7f}` };
  const headerAt = first < V0 ? 0 : 1;
  const signers = messageBytes[headerAt] ?? 0;
  const keysAt = first === V1 ? V1_KEYS_AT : keysBehindHeader(messageBytes, headerAt);
  const slot = signers < V0 && keysAt !== null ? slotOf(messageBytes, keysAt, signers, address) : -1;
  if (slot < 0) return { kind: 'unreadable', reason: 'the wallet is none of the signers of the message' };
  const signaturesBytes = signers * SIGNATURE_BYTES;
  const isV1 = first === V1;
  const signaturesAt = isV1 ? messageBytes.length : 1;
  const layout = {
    size: messageBytes.length + signaturesBytes + (isV1 ? 0 : 1),
    messageAt: isV1 ? 0 : 1 + signaturesBytes,
    slotAt: signaturesAt + slot * SIGNATURE_BYTES,
    signatureCount: isV1 ? null : signers,
  };
  return { kind: 'read', layout };
}

/** Behind the number of keys, which is one to three bytes of seven bits each. */
function keysBehindHeader(messageBytes: Uint8Array, headerAt: number): number | null {
  const countAt = headerAt + HEADER_BYTES;
  for (let length = 1; length <= 3; length++) {
    if ((messageBytes[countAt + length - 1] ?? 0) < V0) return countAt + length;
  }
  return null;
}

/** -1: none of them. */
function slotOf(messageBytes: Uint8Array, keysAt: number, signers: number, address: string): number {
  const own = bytesFromBase58(address);
  const keyAt = (index: number): Uint8Array =>
    messageBytes.subarray(keysAt + index * KEY_BYTES, keysAt + (index + 1) * KEY_BYTES);
  return Array.from({ length: signers }, (_, index) => index).findIndex((index) => sameBytes(keyAt(index), own));
}

/** Whether these are the bytes of a transaction with exactly this message. */
export function carries(wireTransaction: Uint8Array, messageBytes: Uint8Array, layout: WireLayout): boolean {
  const { size, messageAt, signatureCount } = layout;
  if (wireTransaction.length !== size) return false;
  if (signatureCount !== null && wireTransaction[0] !== signatureCount) return false;
  return sameBytes(wireTransaction.subarray(messageAt, messageAt + messageBytes.length), messageBytes);
}

/** What the answer holds besides the message and this one signature is not looked at, and goes nowhere. */
export function ownSignature(answered: Uint8Array, messageBytes: Uint8Array, layout: WireLayout): OwnSignature {
  if (!carries(answered, messageBytes, layout)) {
    return { kind: 'absent', reason: 'it answered another transaction than the one that it was to sign' };
  }
  const signature = new Uint8Array(answered.subarray(layout.slotAt, layout.slotAt + SIGNATURE_BYTES));
  if (signature.every((byte) => byte === 0)) {
    return { kind: 'absent', reason: "it answered the transaction without the wallet's signature" };
  }
  return { kind: 'found', signature };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
