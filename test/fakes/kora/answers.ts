// Owns the answers of the fake Kora to signTransaction, the right one and the wrong ones.
import { type KeyObject, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { privateKeyFromSeed } from '../../../signers/ed25519-key.ts';
import type { KoraMisbehaviour } from './misbehaviour.ts';
import { type ReadTransaction, readTransaction } from './rules.ts';

export interface FeePayerKey {
  readonly key: KeyObject;
  readonly address: string;
}

/** The result of signTransaction; `how` says in what it is wrong. */
export function signedAnswer(
  { messageBytes, signatures, accounts }: ReadTransaction,
  { key, address }: FeePayerKey,
  how: 'right' | 'changed_message' | 'wrong_signature' | 'other_payer',
): { readonly signed_transaction: string; readonly signer_pubkey: string } {
  const bytes = Uint8Array.from(messageBytes);
  // The last byte belongs to the last instruction, or counts lookup tables.
  if (how === 'changed_message') bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  const by = how === 'other_payer' ? privateKeyFromSeed(new Uint8Array(32).fill(200)) : key;
  const signature = how === 'wrong_signature' ? Buffer.alloc(64, 7) : sign(null, bytes, by);
  const slot = accounts.indexOf(address);
  const slots = signatures.map((given, index) => (index === slot ? signature : given));
  const wire = Buffer.concat([Buffer.of(slots.length), ...slots, bytes]);
  return { signed_transaction: wire.toString('base64'), signer_pubkey: address };
}

interface WrongAnswer {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: unknown;
  readonly params: unknown;
  /** Does what was asked, and gives the result. */
  readonly run: () => unknown;
  readonly keys: readonly FeePayerKey[];
}

export function misbehave(how: KoraMisbehaviour, wrong: WrongAnswer): void {
  const { request, response, id, run } = wrong;
  const text = (status: number, body: string): void => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  };
  const result = (value: unknown, of: unknown = id) =>
    text(200, JSON.stringify({ jsonrpc: '2.0', result: value, id: of }));
  const denial = (message: string) =>
    text(200, JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message }, id }));
  switch (how) {
    case 'slow':
      setTimeout(() => result(run()), 400);
      return;
    case 'hangs':
      return;
    case 'resets':
      request.socket.destroy();
      return;
    case 'signs_and_is_lost':
      run();
      request.socket.destroy();
      return;
    case 'rate_limited':
      text(429, 'Too many requests');
      return;
    case 'server_error':
      text(500, '');
      return;
    case 'unauthorized':
      response.writeHead(401, { 'content-length': 0 }).end();
      return;
    case 'node_away':
      denial('RPC error: Failed to simulate transaction: error sending request for url ([REDACTED_URL])');
      return;
    case 'denies':
      denial('Invalid transaction: Program Vote111111111111111111111111111111111111111 is not in the allowed list');
      return;
    case 'repeats_credentials':
      denial(`Unauthorized: You sent ${request.headers['x-api-key']}, ${request.headers['x-hmac-signature']}`);
      return;
    case 'changed_message':
    case 'wrong_signature':
    case 'other_payer':
      result(wrongly(how, wrong));
      return;
    case 'nonsense':
      text(200, '<html>welcome</html>');
      return;
    case 'huge':
      result('x'.repeat(20_000_000));
      return;
    case 'duplicate':
      result(run(), Number(id) - 1);
      return;
  }
}

function wrongly(how: 'changed_message' | 'wrong_signature' | 'other_payer', { params, keys }: WrongAnswer): unknown {
  const text = typeof params === 'object' && params !== null && 'transaction' in params ? params.transaction : '';
  const transaction = readTransaction(String(text));
  const payer = keys.find(({ address }) => transaction.accounts[0] === address);
  return payer === undefined ? null : signedAnswer(transaction, payer, how);
}
