// Owns which bytes are judged: those that were received, or the same with the newest blockhash, which is fetched beside everything else.
import type { LatestBlockhash } from '../../../relayer/chain-reader.ts';
import { GatewayError } from '../../core/errors.ts';
import type { CompiledTransaction, MalformedTransaction, Parsed } from '../../core/transaction/compiled-transaction.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import { withBlockhash } from '../../core/transaction/wire.ts';
import type { RequestAsk } from '../../state/contract/request-store.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { chainAnswer } from './chain-session.ts';

export interface JudgedBytes {
  /** The wire transaction as it is judged. */
  readonly wire: Uint8Array;
  readonly compiled: CompiledTransaction;
  readonly latest: LatestBlockhash;
}

export interface PendingBytes {
  /** `null`: the newest blockhash is still on its way. */
  readonly ready: JudgedBytes | null;
  /** Rejects with CHAIN_UNAVAILABLE when the blockhash cannot be had; need not be awaited. */
  readonly arrival: Promise<JudgedBytes>;
  /** That `arrival` waits for. */
  readonly roundTrips: 0 | 1;
}

/** The received transaction, or a GatewayError that says what is wrong with it. */
export function readReceived(ask: RequestAsk): CompiledTransaction {
  const received = parsed(parseTransaction(ask.received));
  if (ask.setFreshBlockhash && received.signatures.some((signature) => signature !== null)) {
    throw new GatewayError(
      'BLOCKHASH_NOT_REPLACEABLE',
      'set_fresh_blockhash: somebody has already signed the transaction, and a new blockhash would void that signature; ' +
        'leave set_fresh_blockhash off, or send the transaction without signatures',
    );
  }
  return received;
}

/** Asks for the blockhash at once where none is at hand. `otherThan`: a blockhash that must not be set. */
export function bytesToJudge(
  { chain }: Pick<PipelineDeps, 'chain'>,
  ask: RequestAsk,
  received: CompiledTransaction,
  otherThan: string | null,
  signal: AbortSignal,
): PendingBytes {
  const finish = (latest: LatestBlockhash): JudgedBytes => {
    if (!ask.setFreshBlockhash) return { wire: ask.received, compiled: received, latest };
    const wire = withBlockhash(received, latest.blockhash);
    return { wire, compiled: parsed(parseTransaction(wire)), latest };
  };
  const atHand = otherThan === null ? chain.blockhashAtHand() : null;
  if (atHand !== null) {
    const ready = finish(atHand);
    return { ready, arrival: Promise.resolve(ready), roundTrips: 0 };
  }
  const asked = otherThan === null ? chain.getLatestBlockhash(signal) : chain.getBlockhashOtherThan(otherThan, signal);
  const arrival = chainAnswer(asked).then(finish);
  arrival.catch(() => undefined);
  return { ready: null, arrival, roundTrips: 1 };
}

function parsed<T>(result: Parsed<T>): T {
  if (result.kind === 'parsed') return result.value;
  throw malformed(result.error);
}

function malformed(error: MalformedTransaction): GatewayError {
  const { code, field, offset, expected, found } = error;
  return new GatewayError(
    'MALFORMED_TRANSACTION',
    `transaction: ${field} at byte ${offset}: expected ${expected}, found ${found}`,
    { metadata: { malformed: code, field, offset: String(offset), expected, found } },
  );
}
