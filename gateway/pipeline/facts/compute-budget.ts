// Owns the compute budget that an agent asked the gateway to set: what it should be is found out before anything is judged.
import { GatewayError } from '../../core/errors.ts';
import type { Wallet } from '../../core/principal/principal.ts';
import type { CompiledTransaction } from '../../core/transaction/compiled-transaction.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import { wireOf, withBlockhash } from '../../core/transaction/wire.ts';
import { type ComputeBudget, withComputeBudget } from '../../core/transaction/with-compute-budget.ts';
import type { ComputeBudgetAsk, RequestAsk } from '../../state/contract/request-store.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { simulateOnce } from '../simulate.ts';
import { chainAnswer } from './chain-session.ts';
import { readReceived } from './judged-bytes.ts';

/** Of the runtime. */
const MAX_UNITS = 1_400_000;
/** Least that is added to what a simulation used. */
const LEAST_MARGIN = 1_000;

export type ComputeBudgetDeps = Pick<PipelineDeps, 'chain' | 'feeMarket' | 'computeBudget' | 'simulation'>;

/** The request as it is to be judged. Asks the chain only where a compute budget is asked for; throws GatewayError. */
export async function withAskedComputeBudget<Ask extends RequestAsk>(
  deps: ComputeBudgetDeps,
  ask: Ask,
  wallet: Wallet,
  signal: AbortSignal,
): Promise<Ask> {
  const wanted = ask.computeBudget;
  if (wanted === undefined) return ask;
  const received = settable(ask);
  const unitPrice = wanted.pricePercentile === null ? null : await priceOf(deps, wanted, received, signal);
  if (!wanted.setUnitLimit) return { ...ask, received: written(received, { unitLimit: null, unitPrice }) };
  const tried = compiled(written(received, { unitLimit: MAX_UNITS, unitPrice }));
  const unitLimit = await unitsOf(deps, ask, wallet, tried, signal);
  return { ...ask, received: written(received, { unitLimit, unitPrice }) };
}

function settable(ask: RequestAsk): CompiledTransaction {
  const received = readReceived(ask);
  if (received.version === 1) {
    throw notSettable('a version 1 transaction carries its compute budget in its header: set it there');
  }
  if (received.signatures.some((signature) => signature !== null)) {
    throw notSettable('somebody has already signed the transaction, and a change would void that signature');
  }
  return received;
}

/** The percentile by nearest rank; never above the bounds of the agent and of the gateway. */
async function priceOf(
  { feeMarket, computeBudget }: ComputeBudgetDeps,
  { pricePercentile, maxPrice }: ComputeBudgetAsk,
  received: CompiledTransaction,
  signal: AbortSignal,
): Promise<bigint> {
  const prices = await chainAnswer(feeMarket.recentPrices(writableAccounts(received), signal));
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const rank = Math.ceil(((pricePercentile ?? 0) / 100) * sorted.length);
  const found = sorted[Math.max(rank - 1, 0)] ?? 0n;
  return [found, computeBudget.maxPrice, ...(maxPrice === null ? [] : [maxPrice])].reduce((least, price) =>
    price < least ? price : least,
  );
}

/** Those of the message itself: others lock them too, and what lookup tables name is not known yet. */
function writableAccounts({ staticAccounts, header }: CompiledTransaction) {
  const { requiredSignatures, readonlySigned, readonlyUnsigned } = header;
  const unsignedFrom = staticAccounts.length - readonlyUnsigned;
  return staticAccounts.filter((_, index) =>
    index < requiredSignatures ? index < requiredSignatures - readonlySigned : index < unsignedFrom,
  );
}

async function unitsOf(
  { chain, simulation, computeBudget }: ComputeBudgetDeps,
  ask: RequestAsk,
  { address }: Wallet,
  tried: CompiledTransaction,
  signal: AbortSignal,
): Promise<number> {
  if (simulation.mode === 'off') {
    throw notSettable('set_unit_limit needs a simulation, and simulations are off on this gateway');
  }
  const wire = ask.setFreshBlockhash
    ? withBlockhash(tried, (await chainAnswer(chain.getLatestBlockhash(signal))).blockhash)
    : wireOf(tried);
  const accounts = [{ address, signer: true, writable: false, source: 'static' }] as const;
  const answer = await simulateOnce(
    chain,
    { wire, accounts, notBefore: null, timeoutMs: simulation.timeoutMs },
    signal,
  );
  switch (answer.status) {
    case 'unavailable':
      throw new GatewayError('CHAIN_UNAVAILABLE', `the compute unit limit is not known: ${answer.reason}`);
    case 'failed':
      throw notSettable(`the transaction fails when it is simulated: ${answer.error}`);
    case 'succeeded': {
      const used = Number(answer.unitsConsumed);
      const margin = Math.max(LEAST_MARGIN, Math.ceil((used * computeBudget.unitMarginPercent) / 100));
      return Math.min(MAX_UNITS, used + margin);
    }
  }
}

function written(received: CompiledTransaction, budget: ComputeBudget): Uint8Array {
  const wire = withComputeBudget(received, budget);
  if (wire === null) throw notSettable('the transaction has as many accounts as one can have');
  compiled(wire);
  return wire;
}

/** As the parser reads it: what it refuses has no room for what is to be set. */
function compiled(wire: Uint8Array): CompiledTransaction {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'parsed') return parsed.value;
  const { expected, found } = parsed.error;
  throw notSettable(`the transaction has no room for it: expected ${expected}, found ${found}`);
}

function notSettable(why: string): GatewayError {
  return new GatewayError('COMPUTE_BUDGET_NOT_SETTABLE', `compute_budget: ${why}; nothing was signed`);
}
