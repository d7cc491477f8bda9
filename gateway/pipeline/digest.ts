// Owns the digests that name what was asked, what was judged and what a vote is for.
import { hash } from 'node:crypto';
import { canonicalJsonBytes } from '../core/canonical-json.ts';
import type { CompiledTransaction } from '../core/transaction/compiled-transaction.ts';
import { intentBytes } from '../core/transaction/wire.ts';
import type { ComputeBudgetAsk, RequestAsk } from '../state/contract/request-store.ts';

export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/** What an idempotency key is bound to: everything that was asked but the key. */
export function askDigest(ask: RequestAsk): Uint8Array {
  return sha256(
    canonicalJsonBytes({
      agent: ask.agentId,
      ...(ask.computeBudget === undefined ? {} : { compute_budget: computeBudgetText(ask.computeBudget) }),
      context: ask.context,
      method: ask.method,
      set_fresh_blockhash: ask.setFreshBlockhash,
      [ask.method === 'sign_message' ? 'message' : 'transaction']: Buffer.from(ask.received).toString('base64'),
      wallet: ask.walletId,
    }),
  );
}

function computeBudgetText({ setUnitLimit, pricePercentile, maxPrice }: ComputeBudgetAsk): string {
  return `${setUnitLimit} ${pricePercentile} ${maxPrice}`;
}

/** What a vote is for: the message, without its lifetime when the gateway is the one who sets it. */
export function intentDigest(transaction: CompiledTransaction, setFreshBlockhash: boolean): Uint8Array {
  return sha256(setFreshBlockhash ? intentBytes(transaction) : transaction.messageBytes);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
