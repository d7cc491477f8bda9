// Owns how a row of `requests` becomes a request record.
import { REQUEST_STATES } from '../../core/request/request-state.ts';
import type { RequestRecord } from '../contract/request-store.ts';
import { parseContext, parseDecision } from './decision-json.ts';
import { parseCustody } from './key-custody.ts';
import { bigintOrNull, boolean, bytes, bytesOrNull, milliseconds, oneOf, type Row, text, textOrNull } from './row.ts';

/** The columns that `parseRequest` reads. */
export const REQUEST_COLUMNS = `request_id, agent_id, idempotency_key, wallet_id, method, state, created_at_ms, updated_at_ms,
  set_fresh_blockhash, last_valid_block_height, slot, approval_id, wallet_signature, transaction_signature, error, ask_digest,
  message_digest, intent_digest, context, decision, received, transaction, signed_transaction, policy_input, keys_in_process,
  due_at_ms IS NOT NULL AS is_due`;

export function parseRequest(row: Row): RequestRecord {
  return {
    requestId: text(row, 'request_id'),
    ask: {
      method: oneOf(row, 'method', ['sign', 'sign_and_send', 'sign_message']),
      agentId: text(row, 'agent_id'),
      walletId: text(row, 'wallet_id'),
      received: bytes(row, 'received'),
      setFreshBlockhash: boolean(row, 'set_fresh_blockhash'),
      idempotencyKey: textOrNull(row, 'idempotency_key'),
      context: parseContext(row.context),
    },
    askDigest: bytes(row, 'ask_digest'),
    judgement: {
      decision: parseDecision(row.decision),
      policyInput: bytes(row, 'policy_input'),
      transaction: bytes(row, 'transaction'),
      messageDigest: bytes(row, 'message_digest'),
      intentDigest: bytes(row, 'intent_digest'),
      lastValidBlockHeight: bigintOrNull(row, 'last_valid_block_height'),
    },
    state: oneOf(row, 'state', REQUEST_STATES),
    custody: parseCustody(row),
    approvalId: textOrNull(row, 'approval_id'),
    signedTransaction: bytesOrNull(row, 'signed_transaction'),
    walletSignature: textOrNull(row, 'wallet_signature'),
    transactionSignature: textOrNull(row, 'transaction_signature'),
    slot: bigintOrNull(row, 'slot'),
    error: textOrNull(row, 'error'),
    isDue: boolean(row, 'is_due'),
    createdAt: milliseconds(row, 'created_at_ms'),
    updatedAt: milliseconds(row, 'updated_at_ms'),
  };
}
