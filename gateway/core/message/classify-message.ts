// Owns the step from bytes that are to be signed as a message to the facts that a policy judges, or to why they are never signed.
import type { Address } from '../address.ts';
import { sha256 } from '../sha256.ts';
import type { MalformedTransaction } from '../transaction/compiled-transaction.ts';
import { hasSigningDomain, parseOffchainMessage } from './offchain-message.ts';
import { plainText } from './plain-text.ts';
import { transactionReading } from './transaction-reading.ts';

export const MAX_MESSAGE_BYTES = 4096;

export interface MessageFacts {
  /** `offchain_v0`: Solana's off-chain message format, version 0; `none`: the bytes are the message. */
  readonly envelope: 'none' | 'offchain_v0';
  /** Lower-case hex, of all bytes. */
  readonly sha256: string;
  /** Bytes, the envelope included. */
  readonly size: number;
  /** The message without its envelope, where it is plain text; `null` where it is not. */
  readonly text: string | null;
  /** Base58 of 32 bytes; `null` without an envelope. */
  readonly applicationDomain: string | null;
  /** Whom the envelope names; `null` without one. */
  readonly signers: readonly Address[] | null;
}

export type ClassifiedMessage =
  | { readonly kind: 'message'; readonly facts: MessageFacts }
  | { readonly kind: 'malformed'; readonly error: MalformedTransaction }
  /** An envelope that names others. */
  | { readonly kind: 'not_a_signer' }
  /** `reading` completes "it can be read as …". */
  | { readonly kind: 'transaction'; readonly reading: string };

/** Never throws for any bytes. The same bytes and wallet give the same answer. */
export function classifyMessage(bytes: Uint8Array, wallet: Address): ClassifiedMessage {
  if (bytes.length === 0) return malformed('EMPTY', `a message of 1 to ${MAX_MESSAGE_BYTES} bytes`, 'no bytes');
  if (bytes.length > MAX_MESSAGE_BYTES) {
    return malformed('TOO_LARGE', `a message of at most ${MAX_MESSAGE_BYTES} bytes`, `${bytes.length} bytes`);
  }
  return hasSigningDomain(bytes) ? classifyEnvelope(bytes, wallet) : classifyPlain(bytes, wallet);
}

function classifyPlain(bytes: Uint8Array, wallet: Address): ClassifiedMessage {
  const text = plainText(bytes);
  const reading = transactionReading(bytes, wallet, text !== null);
  if (reading !== null) return { kind: 'transaction', reading };
  return message(bytes, { envelope: 'none', text, applicationDomain: null, signers: null });
}

/** No runtime takes the envelope for a transaction; what is in it is held to the same all the same, for readers that take it off. */
function classifyEnvelope(bytes: Uint8Array, wallet: Address): ClassifiedMessage {
  const parsed = parseOffchainMessage(bytes);
  if (parsed.kind === 'malformed') return parsed;
  const { applicationDomain, signers, body } = parsed.value;
  if (!signers.includes(wallet)) return { kind: 'not_a_signer' };
  const text = plainText(body);
  const reading = transactionReading(body, wallet, text !== null);
  if (reading !== null) return { kind: 'transaction', reading: `${reading}, in an envelope` };
  return message(bytes, { envelope: 'offchain_v0', text, applicationDomain, signers });
}

function message(bytes: Uint8Array, read: Omit<MessageFacts, 'sha256' | 'size'>): ClassifiedMessage {
  const digest = Array.from(sha256(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { kind: 'message', facts: { ...read, sha256: digest, size: bytes.length } };
}

function malformed(code: string, expected: string, found: string): ClassifiedMessage {
  return { kind: 'malformed', error: { code, field: 'message', offset: 0, expected, found } };
}
