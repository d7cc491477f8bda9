// Owns the keys and the unsigned transactions of the tests with a Kora, the fake one and the real one.
import { createHmac } from 'node:crypto';
import {
  type Address,
  address,
  appendTransactionMessageInstructions,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  type Instruction,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  blockhash as toBlockhash,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { encodeBase58 } from '../../relayer/base58.ts';
import { privateKeyFromSeed, publicKeyBytes } from '../../signers/ed25519-key.ts';

export const API_KEY = 'test-api-key-0123456789';
export const HMAC_SECRET = 'test-hmac-secret-0123456789';

/** Keys of tests; nothing is worth anything behind them. */
export const FEE_PAYER_SEED = new Uint8Array(32).fill(101);
export const FEE_PAYER = addressOf(FEE_PAYER_SEED);
export const WALLET = addressOf(new Uint8Array(32).fill(102));
export const RECIPIENT = addressOf(new Uint8Array(32).fill(103));

export function addressOf(seed: Uint8Array): Address {
  return address(encodeBase58(publicKeyBytes(privateKeyFromSeed(seed))));
}

/** 64 bytes: secret, then public. */
export function keyPairBytes(seed: Uint8Array): Uint8Array {
  return Uint8Array.from([...seed, ...publicKeyBytes(privateKeyFromSeed(seed))]);
}

export interface Unsigned {
  readonly messageBytes: Uint8Array;
  /** Of the whole wire transaction, all slots empty. */
  readonly wire: Uint8Array;
}

export interface Draft {
  readonly feePayer?: Address;
  readonly instructions: readonly Instruction[];
  readonly blockhash: string;
  readonly version?: 'legacy' | 0 | 1;
}

export function unsigned({ feePayer = FEE_PAYER, instructions, blockhash, version = 0 }: Draft): Unsigned {
  const { messageBytes: bytes, signatures } = pipe(
    createTransactionMessage({ version }),
    (message) => setTransactionMessageFeePayer(feePayer, message),
    (message) =>
      setTransactionMessageLifetimeUsingBlockhash(
        { blockhash: toBlockhash(blockhash), lastValidBlockHeight: 1n },
        message,
      ),
    (message) => appendTransactionMessageInstructions(instructions, message),
    compileTransaction,
  );
  const messageBytes = Uint8Array.from(bytes);
  const count = Object.keys(signatures).length;
  const empty = Buffer.alloc(64 * count);
  const wire =
    version === 1 ? Buffer.concat([messageBytes, empty]) : Buffer.concat([Buffer.of(count), empty, messageBytes]);
  return { messageBytes, wire: Uint8Array.from(wire) };
}

export function transfer(lamports: bigint, source: Address = WALLET): Instruction {
  return getTransferSolInstruction({
    source: createNoopSigner(source),
    destination: RECIPIENT,
    amount: lamports,
  });
}

export interface KoraRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface CallDraft {
  readonly method: string;
  readonly params: unknown;
  /** `null`: left out. Default: the right ones. */
  readonly apiKey?: string | null;
  readonly hmacSecret?: string | null;
  /** Unix milliseconds that the timestamp says. */
  readonly at: number;
}

/** As a client that does everything right asks, but for what the draft says. */
export function koraRequest({
  method,
  params,
  apiKey = API_KEY,
  hmacSecret = HMAC_SECRET,
  at,
}: CallDraft): KoraRequest {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const timestamp = String(Math.floor(at / 1000));
  const hmac =
    hmacSecret === null
      ? {}
      : {
          'x-timestamp': timestamp,
          'x-hmac-signature': createHmac('sha256', hmacSecret).update(timestamp).update(body).digest('hex'),
        };
  const key = apiKey === null ? {} : { 'x-api-key': apiKey };
  return { headers: { 'content-type': 'application/json', ...key, ...hmac }, body };
}
