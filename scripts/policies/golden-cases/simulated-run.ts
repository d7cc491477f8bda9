// Owns what a node answers in the golden cases when it is asked to simulate.
import type { Address, Instruction } from '@solana/kit';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import type { Chain } from '../../../gateway/core/effects/testing/judge.ts';
import type { InnerCall, SimulationAnswer } from '../../../gateway/core/simulation/simulation-answer.ts';
import type { DecodedTransaction } from '../../../gateway/core/transaction/decoded-transaction.ts';

const SLOT = 400_000_001n;

export interface Run {
  /** What the first instruction calls; `null`: the node does not say. */
  readonly calls?: readonly InnerCall[] | null;
  /** What the run leaves otherwise than it was. */
  readonly left?: Chain;
}

/** A run that succeeds and leaves every account of the chain as it was, but for `left`. */
export function ran(chain: Chain, { calls = [], left = [] }: Run = {}) {
  return ({ accounts }: DecodedTransaction): SimulationAnswer => {
    const after = new Map<Address, AccountState>([...chain, ...left]);
    const changeable = accounts.filter(({ writable }) => writable);
    return {
      status: 'succeeded',
      slot: SLOT,
      unitsConsumed: 45_000n,
      innerCalls: calls === null ? null : calls.length === 0 ? [] : [{ index: 0, calls }],
      postStates: new Map(changeable.map(({ address }) => [address, after.get(address) ?? null])),
    };
  };
}

export function failed(error: string) {
  return (): SimulationAnswer => ({ status: 'failed', slot: SLOT, error });
}

export function unavailable(): SimulationAnswer {
  return { status: 'unavailable', reason: 'no answer within 2000 ms' };
}

/** A call inside, in the form that a node gives to what it does not know. */
export function called(
  stackHeight: number,
  { programAddress, accounts = [], data = new Uint8Array() }: Instruction,
): InnerCall {
  return {
    form: 'resolved',
    stackHeight,
    program: programAddress,
    accounts: accounts.map(({ address }) => address),
    data: new Uint8Array(data),
  };
}
