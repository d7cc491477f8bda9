// Owns the newest Memo program on the local chain: LiteSVM ships the older two.
import type { LiteSvm } from 'litesvm/dist/internal.js';
import { decodeBase58 } from '../base58.ts';

const SHIPPED_MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
/** The default of `@solana-program/memo` 0.15. */
const NEWEST_MEMO = 'Memo4c2pN8afCj432Lb7RMVKi9PbQnnW7ewFFaV3oAH';

/** Puts the code of the shipped program under the newest program's address too. */
export function addMemoProgram(svm: LiteSvm): void {
  const shipped = decodeBase58(SHIPPED_MEMO);
  const newest = decodeBase58(NEWEST_MEMO);
  const code = shipped === undefined ? null : svm.getAccount(shipped);
  if (code === null || newest === undefined) throw new Error(`LiteSVM does not ship the memo program ${SHIPPED_MEMO}`);
  svm.addProgram(newest, code.data());
}
