// Owns what is read of a message before a Kora gets it, the empty transaction round it, and the one signature taken out of its answer.
import { encodeBase58 } from '../base58.ts';

const SIGNATURE_BYTES = 64;
const ADDRESS_BYTES = 32;
/** More do not fit into a transaction of 1232 bytes; in the wire format the count of so few is one byte. */
const MAX_SIGNERS = 19;

export interface PayableMessage {
  /** Base58 of its first account. */
  readonly feePayer: string;
  /** Base64 of the message in a transaction in which nobody has signed. */
  readonly transaction: string;
}

/** `unpayable`: why no Kora can be asked for it. */
export type MessageReading = PayableMessage | { readonly unpayable: string };

/** Reads a compiled message: header of 3 bytes, then the accounts, the fee payer first; from version 0 on behind a byte 0x80 + version. */
export function readMessage(messageBytes: Uint8Array): MessageReading {
  const [first = 0] = messageBytes;
  const isVersioned = first >= 0x80;
  if (isVersioned && first > 0x80) {
    return {
      unpayable: `the transaction is of version ${first - 0x80}, and Kora knows legacy transactions and version 0 only`,
    };
  }
  const body = messageBytes.subarray(isVersioned ? 1 : 0);
  const signers = body[0] ?? 0;
  // Fewer than 128 accounts are counted in one byte, and more do not fit.
  const feePayer = body.subarray(4, 4 + ADDRESS_BYTES);
  if (signers < 1 || signers > MAX_SIGNERS || feePayer.length !== ADDRESS_BYTES || (body[3] ?? 0) < signers) {
    return { unpayable: 'the message names no fee payer' };
  }
  const empty = Buffer.concat([Buffer.of(signers), Buffer.alloc(signers * SIGNATURE_BYTES), messageBytes]);
  return { feePayer: encodeBase58(feePayer), transaction: empty.toString('base64') };
}

export type SignedReading =
  | { readonly kind: 'signed' /** 64 bytes of slot 0, not yet verified. */; readonly signature: Uint8Array }
  /** A transaction, but of another message. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'nonsense' };

/** `text`: base64 of a wire transaction, which must hold this very message. */
export function readSigned(text: string, messageBytes: Uint8Array): SignedReading {
  const wire = Buffer.from(text, 'base64');
  if (wire.toString('base64') !== text) return { kind: 'nonsense' };
  const signatures = wire[0] ?? 0;
  const start = 1 + signatures * SIGNATURE_BYTES;
  if (signatures < 1 || signatures > MAX_SIGNERS || wire.length <= start) return { kind: 'nonsense' };
  const isSame = wire.subarray(start).equals(messageBytes);
  const expected = messageBytes[(messageBytes[0] ?? 0) >= 0x80 ? 1 : 0];
  if (!isSame || signatures !== expected) return { kind: 'changed' };
  return { kind: 'signed', signature: Uint8Array.from(wire.subarray(1, 1 + SIGNATURE_BYTES)) };
}
