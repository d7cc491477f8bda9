// Owns asking the chain for a simulation: once, within a time of its own, and whatever goes wrong is an answer too.
import { type ChainReader, ChainUnavailable } from '../../relayer/chain-reader.ts';
import type { SimulationAnswer } from '../core/simulation/simulation-answer.ts';
import type { AccountReference } from '../core/transaction/decoded-transaction.ts';
import { throwBeforeSigning } from './abort.ts';
import { boundedSignal } from './bounded-signal.ts';

export interface SimulateAsk {
  readonly wire: Uint8Array;
  /** All accounts of the transaction. */
  readonly accounts: readonly AccountReference[];
  /** Slot of the facts that were read; `null`: none were. */
  readonly notBefore: bigint | null;
  readonly timeoutMs: number;
}

/** Throws only when the caller gives up. A chain that cannot be asked makes the simulation `unavailable`, which no rule takes for success. */
export async function simulateOnce(
  chain: Pick<ChainReader, 'simulate'>,
  ask: SimulateAsk,
  signal: AbortSignal,
): Promise<SimulationAnswer> {
  const { wire, accounts, notBefore, timeoutMs } = ask;
  const bounded = boundedSignal(signal, timeoutMs);
  try {
    const postStatesOf = accounts.filter(({ writable }) => writable).map(({ address }) => address);
    const answer = await chain.simulate({ wire, postStatesOf, minContextSlot: notBefore }, bounded.signal);
    if (notBefore === null || answer.slot >= notBefore) return answer;
    return unavailable(`it is of slot ${answer.slot}, the facts are of slot ${notBefore}`);
  } catch (error) {
    throwBeforeSigning(signal);
    if (bounded.signal.aborted) return unavailable(`no answer within ${timeoutMs} ms`);
    if (error instanceof ChainUnavailable) return unavailable(error.message);
    throw error;
  } finally {
    bounded.release();
  }
}

/** What a node says is cut somewhere, and may hold half a character; the policy input takes none. */
function unavailable(reason: string): SimulationAnswer {
  return { status: 'unavailable', reason: reason.toWellFormed() };
}
