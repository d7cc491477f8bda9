// Owns what an agent may put into a signing call: protobuf request → the pipeline's question.
import { type ComputeBudgetOptions, WaitFor as WireWaitFor } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import type { TransactionAsk, WaitFor } from '../../pipeline/outcome.ts';
import { refuseField } from '../fields.ts';
import { contextField, idempotencyKeyField, walletField } from './ask-fields.ts';

/** The largest transaction that the runtime knows (v1, SIMD-0296); smaller limits of other versions are the decoder's. */
const MAX_TRANSACTION_BYTES = 4096;

interface AskFields {
  readonly wallet: string;
  readonly transaction: Uint8Array;
  readonly setFreshBlockhash: boolean;
  readonly computeBudget?: ComputeBudgetOptions | undefined;
  readonly context: Readonly<Record<string, string>>;
}

/** Throws INVALID_FIELD. */
export function transactionAsk(fields: AskFields, idempotencyKey: string): TransactionAsk {
  return {
    walletName: walletField(fields.wallet),
    transaction: transactionField(fields.transaction),
    setFreshBlockhash: fields.setFreshBlockhash,
    ...computeBudgetField(fields.computeBudget),
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

function computeBudgetField(options: ComputeBudgetOptions | undefined): Pick<TransactionAsk, 'computeBudget'> {
  if (options === undefined) return {};
  const { setUnitLimit, pricePercentile, maxPriceMicroLamports } = options;
  if (pricePercentile > 100) {
    refuseField('compute_budget.price_percentile', '1 to 100, or 0 to leave the price as it is', `${pricePercentile}`);
  }
  if (maxPriceMicroLamports > 0n && pricePercentile === 0) {
    refuseField('compute_budget.price_percentile', '1 to 100 where max_price_micro_lamports is given', '0');
  }
  if (!setUnitLimit && pricePercentile === 0) return {};
  return {
    computeBudget: {
      setUnitLimit,
      pricePercentile: pricePercentile === 0 ? null : pricePercentile,
      maxPrice: maxPriceMicroLamports === 0n ? null : maxPriceMicroLamports,
    },
  };
}

function transactionField(value: Uint8Array): Uint8Array {
  if (value.length === 0)
    refuseField('transaction', `a wire transaction, 1 to ${MAX_TRANSACTION_BYTES} bytes`, 'nothing');
  if (value.length > MAX_TRANSACTION_BYTES) {
    refuseField('transaction', `a wire transaction, at most ${MAX_TRANSACTION_BYTES} bytes`, `${value.length} bytes`);
  }
  return value;
}
