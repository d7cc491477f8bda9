// Owns which accounts must be read from the chain before effects can be computed.
import type { Address } from '../address.ts';
import type { DecodedTransaction } from '../transaction/decoded-transaction.ts';
import type { ChainFacts } from './chain-facts.ts';
import { followInstructions } from './follow-instructions.ts';

const NO_FACTS: ChainFacts = { slot: null, accounts: new Map() };

/**
 * Accounts that are needed and not among `facts`; none for pure SOL transfers. The mint of an unchecked token transfer is only
 * known once its accounts are read: ask again with the facts until nothing is needed (at most twice when the chain answers
 * every address, with an account or with null).
 */
export function accountsNeeded(
  decoded: DecodedTransaction,
  wallet: Address,
  facts: ChainFacts = NO_FACTS,
): readonly Address[] {
  return [...followInstructions(decoded, wallet, facts).asked];
}
