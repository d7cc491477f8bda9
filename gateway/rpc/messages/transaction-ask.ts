// Owns what an agent may put into a signing call: protobuf request → the pipeline's question.
import { WaitFor as WireWaitFor } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import type { TransactionAsk, WaitFor } from '../../pipeline/outcome.ts';
import { refuseField, shown, textField } from '../fields.ts';

/** The largest transaction that the runtime knows (v1, SIMD-0296); smaller limits of other versions are the decoder's. */
const MAX_TRANSACTION_BYTES = 4096;
const MAX_CONTEXT_ENTRIES = 16;
const MAX_CONTEXT_VALUE_BYTES = 256;

// Names that every language and every store can hold, and that cannot pass for something else on an approver's screen.
const CONTEXT_KEY = /^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}$/;
const WALLET = /^[\x21-\x7e]{1,64}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

interface AskFields {
  readonly wallet: string;
  readonly transaction: Uint8Array;
  readonly setFreshBlockhash: boolean;
  readonly context: Readonly<Record<string, string>>;
}

/** Throws INVALID_FIELD. */
export function transactionAsk(fields: AskFields, idempotencyKey: string): TransactionAsk {
  return {
    walletName: walletField(fields.wallet),
    transaction: transactionField(fields.transaction),
    setFreshBlockhash: fields.setFreshBlockhash,
    idempotencyKey: idempotencyKeyField(idempotencyKey),
    context: contextField(fields.context),
  };
}

/** Throws INVALID_FIELD for the zero value and for numbers that no name stands for. */
export function waitForField(value: number): WaitFor {
  switch (value) {
    case WireWaitFor.SUBMITTED:
      return 'SUBMITTED';
    case WireWaitFor.PROCESSED:
      return 'PROCESSED';
    case WireWaitFor.CONFIRMED:
      return 'CONFIRMED';
    case WireWaitFor.FINALIZED:
      return 'FINALIZED';
    default:
      return refuseField(
        'wait_for',
        'one of SUBMITTED, PROCESSED, CONFIRMED, FINALIZED',
        value === 0 ? 'UNSPECIFIED' : `${value}`,
      );
  }
}

function walletField(value: string): string {
  if (!WALLET.test(value))
    refuseField('wallet', 'the id or base58 address of a wallet, 1 to 64 characters', shown(value));
  return value;
}

function transactionField(value: Uint8Array): Uint8Array {
  if (value.length === 0)
    refuseField('transaction', `a wire transaction, 1 to ${MAX_TRANSACTION_BYTES} bytes`, 'nothing');
  if (value.length > MAX_TRANSACTION_BYTES) {
    refuseField('transaction', `a wire transaction, at most ${MAX_TRANSACTION_BYTES} bytes`, `${value.length} bytes`);
  }
  return value;
}

function idempotencyKeyField(value: string): string | null {
  if (value === '') return null;
  if (!IDEMPOTENCY_KEY.test(value)) {
    refuseField(
      'idempotency_key',
      'at most 128 visible ASCII characters',
      `${value.length} characters, ${shown(value)}`,
    );
  }
  return value;
}

function contextField(context: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(context);
  if (entries.length > MAX_CONTEXT_ENTRIES) {
    refuseField('context', `at most ${MAX_CONTEXT_ENTRIES} entries`, `${entries.length}`);
  }
  for (const [key, value] of entries) {
    if (!CONTEXT_KEY.test(key)) {
      refuseField('context', 'keyed by 1 to 64 letters, digits and _ . : / -, the first a letter or digit', shown(key));
    }
    textField(`context[${key}]`, value, MAX_CONTEXT_VALUE_BYTES);
  }
  return Object.fromEntries(entries);
}
