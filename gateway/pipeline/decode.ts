// Owns the decode stage: from received bytes to a transaction whose accounts, signatures and effects are established.
import type { LatestBlockhash } from '../../relayer/chain-reader.ts';
import type { ChainReading } from '../core/effects/chain-facts.ts';
import { computeEffects } from '../core/effects/compute-effects.ts';
import type { Effects } from '../core/effects/effects.ts';
import { GatewayError } from '../core/errors.ts';
import type { Wallet } from '../core/principal/principal.ts';
import { NOT_SIMULATED, type Simulation } from '../core/simulation/simulation.ts';
import type { CompiledTransaction, MalformedTransaction, Parsed } from '../core/transaction/compiled-transaction.ts';
import { decodeTransaction } from '../core/transaction/decode.ts';
import type { DecodedTransaction } from '../core/transaction/decoded-transaction.ts';
import { parseTransaction } from '../core/transaction/parse.ts';
import { withBlockhash } from '../core/transaction/wire.ts';
import type { RequestAsk } from '../state/state.ts';
import { chainAnswer, establishFacts, resolveTransaction } from './chain-facts.ts';
import { checkSignatures, walletSlot } from './check-signers.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

/** Blocks that an agent's blockhash may be newer than the one that the gateway last saw. */
const BLOCKHASH_SLACK = 64n;

export interface EstablishedTransaction {
  /** The wire transaction as it is judged. */
  readonly wire: Uint8Array;
  readonly decoded: DecodedTransaction;
  readonly effects: Effects;
  readonly simulation: Simulation;
  readonly chain: ChainReading;
  readonly signerIndex: number;
  /** `null`: never dead by time (durable nonce). */
  readonly lastValidBlockHeight: bigint | null;
}

type DecodeDeps = Pick<PipelineDeps, 'chain' | 'verifySignature' | 'observer'>;

/**
 * Throws GatewayError for bytes that cannot be judged and for a chain that cannot be asked. `otherThan`: a blockhash that must not be set,
 * because another request has it in the same message.
 */
export async function establishTransaction(
  deps: DecodeDeps,
  ask: RequestAsk,
  wallet: Wallet,
  signal: AbortSignal,
  otherThan: string | null = null,
): Promise<EstablishedTransaction> {
  const started = performance.now();
  const received = parsed(parseTransaction(ask.received));
  const latest = await latestBlockhash(deps, otherThan, signal);
  const wire = ask.setFreshBlockhash ? withFreshBlockhash(received, latest.blockhash) : ask.received;
  const compiled = ask.setFreshBlockhash ? parsed(parseTransaction(wire)) : received;
  const signerIndex = walletSlot(compiled, wallet);
  checkSignatures(deps, compiled, ask, signerIndex);
  const decoded = decodeTransaction(compiled, await resolveTransaction(deps.chain, compiled, signal));
  if (ask.setFreshBlockhash && decoded.lifetime.kind === 'durable_nonce') {
    throw new GatewayError(
      'BLOCKHASH_NOT_REPLACEABLE',
      'set_fresh_blockhash: the transaction lives by a durable nonce; leave set_fresh_blockhash off',
    );
  }
  const decodedAt = performance.now();
  deps.observer.stage('decode', (decodedAt - started) / 1000);
  const facts = await establishFacts(deps.chain, decoded, wallet.address, signal);
  const effects = computeEffects(decoded, wallet.address, facts);
  deps.observer.stage('facts', (performance.now() - decodedAt) / 1000);
  const newest = ask.setFreshBlockhash ? latest.lastValidBlockHeight : latest.lastValidBlockHeight + BLOCKHASH_SLACK;
  const lastValidBlockHeight = decoded.lifetime.kind === 'durable_nonce' ? null : newest;
  const chain = { slot: facts.slot, endpoints: 1, cached: [] };
  return { wire, decoded, effects, simulation: NOT_SIMULATED, chain, signerIndex, lastValidBlockHeight };
}

function latestBlockhash(deps: DecodeDeps, otherThan: string | null, signal: AbortSignal): Promise<LatestBlockhash> {
  const { chain } = deps;
  return chainAnswer(
    otherThan === null ? chain.getLatestBlockhash(signal) : chain.getBlockhashOtherThan(otherThan, signal),
  );
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

function withFreshBlockhash(transaction: CompiledTransaction, blockhash: string): Uint8Array {
  if (transaction.signatures.some((signature) => signature !== null)) {
    throw new GatewayError(
      'BLOCKHASH_NOT_REPLACEABLE',
      'set_fresh_blockhash: somebody has already signed the transaction, and a new blockhash would void that signature; ' +
        'leave set_fresh_blockhash off, or send the transaction without signatures',
    );
  }
  return withBlockhash(transaction, blockhash);
}
