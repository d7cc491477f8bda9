// Owns simulating a transaction on LiteSVM as a node would, and what the core makes of the answer.
import { getTransactionDecoder } from '@solana/kit';
import { FailedTransactionMetadata, type LiteSVM } from 'litesvm';
import type { Address } from '../../gateway/core/address.ts';
import type { AccountState, ChainFacts } from '../../gateway/core/effects/chain-facts.ts';
import { interpretSimulation } from '../../gateway/core/simulation/interpret.ts';
import type { Simulation } from '../../gateway/core/simulation/simulation.ts';
import type { InnerCalls, SimulationAnswer } from '../../gateway/core/simulation/simulation-answer.ts';
import type { DecodedTransaction } from '../../gateway/core/transaction/decoded-transaction.ts';
import { NOTHING_DESCRIBED } from '../../gateway/core/transaction/programs/decode-instruction.ts';
import { decode, readAccounts } from './execution.ts';

export interface SvmSimulation {
  readonly decoded: DecodedTransaction;
  /** Of all accounts of the transaction. */
  readonly facts: ChainFacts;
  readonly answer: SimulationAnswer;
  readonly simulation: Simulation;
}

/** Changes nothing. */
export function simulateOnSvm(svm: LiteSVM, wire: Uint8Array, wallet: Address): SvmSimulation {
  const decoded = decode(wire, svm);
  const addresses = decoded.accounts.map(({ address }) => address);
  const facts: ChainFacts = { slot: 1n, accounts: readAccounts(svm, addresses) };
  const answer = answerOf(svm, wire, decoded);
  return {
    decoded,
    facts,
    answer,
    simulation: interpretSimulation(answer, { decoded, wallet, facts, described: NOTHING_DESCRIBED }),
  };
}

function answerOf(svm: LiteSVM, wire: Uint8Array, decoded: DecodedTransaction): SimulationAnswer {
  const result = svm.simulateTransaction(getTransactionDecoder().decode(wire));
  if (result instanceof FailedTransactionMetadata) return { status: 'failed', slot: 1n, error: String(result.err()) };
  const meta = result.meta();
  const left = new Map(result.postAccounts().map((account) => [account.address, account]));
  const postStates = new Map<Address, AccountState | null>();
  for (const { address, writable } of decoded.accounts) {
    const account = left.get(address);
    if (!writable) continue;
    if (account === undefined || account.lamports === 0n) postStates.set(address, null);
    else {
      const { programAddress: owner, lamports, data } = account;
      postStates.set(address, { owner, lamports, data: new Uint8Array(data) });
    }
  }
  const innerCalls: readonly InnerCalls[] = meta.innerInstructions().map((calls, index) => ({
    index,
    calls: calls.map((call) => ({
      form: 'compiled',
      stackHeight: call.stackHeight(),
      programIndex: call.instruction().programIdIndex(),
      accountIndexes: [...call.instruction().accounts()],
      data: new Uint8Array(call.instruction().data()),
    })),
  }));
  return { status: 'succeeded', slot: 1n, unitsConsumed: meta.computeUnitsConsumed(), innerCalls, postStates };
}
