import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../test/kora/exchanges.ts';
import { readRefusal } from './kora-denial.ts';

const RECORDED: readonly Exchange[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/fakes/kora/exchanges.json'), 'utf8'),
);

function recordedProse(name: string): string {
  const exchange = RECORDED.find((each) => each.name === name);
  return JSON.parse(exchange?.reply.body ?? '').error.message;
}

describe('readRefusal', () => {
  it.each([
    ['a program that is not allowed', { kind: 'denied', cause: 'PROGRAM_NOT_ALLOWED' }],
    ['the fee payer as a sender', { kind: 'denied', cause: 'FEE_PAYER_MISUSED' }],
    ['the fee payer as the sender of much', { kind: 'denied', cause: 'AMOUNT_TOO_HIGH' }],
    ['a high fee', { kind: 'denied', cause: 'AMOUNT_TOO_HIGH' }],
    ['three signatures', { kind: 'denied', cause: 'TOO_MANY_SIGNATURES' }],
    ['more than the wallet has', { kind: 'denied', cause: 'SIMULATION_FAILED' }],
    ['a transaction that another one pays for', { kind: 'denied', cause: 'OTHER' }],
    ['a signer that it has not', { kind: 'other_payer' }],
    ['an unknown blockhash', { kind: 'incapable', why: 'its node does not know the blockhash' }],
    ['a fee payer without SOL', { kind: 'incapable', why: 'its fee payer has not enough SOL' }],
  ])('reads what a real Kora said: %s', (name, refusal) => {
    expect(readRefusal(recordedProse(name))).toEqual(refusal);
  });

  it.each([
    ['Usage limit exceeded: Wallet 1111 exceeded limit: 6/5', { kind: 'denied', cause: 'USAGE_LIMIT' }],
    [
      'Invalid transaction: Durable transactions (nonce-based) are not allowed',
      { kind: 'denied', cause: 'DURABLE_NONCE' },
    ],
    ['Invalid transaction: Account 4vJ9 is disallowed', { kind: 'denied', cause: 'ACCOUNT_NOT_ALLOWED' }],
    [
      'Invalid transaction: Insufficient token payment. Required 5000 lamports',
      { kind: 'denied', cause: 'PAYMENT_MISSING' },
    ],
    ['Internal error: Usage limiter not initialized', { kind: 'incapable', why: 'it failed by its own fault' }],
    ['Rate limit exceeded', { kind: 'incapable', why: 'it has too much to do' }],
    ['I will not', { kind: 'denied', cause: 'OTHER' }],
    ['', { kind: 'denied', cause: 'OTHER' }],
  ])('reads words of the source: %s', (prose, refusal) => {
    expect(readRefusal(prose)).toEqual(refusal);
  });
});
