// Owns the step from a decoded transaction and facts of the chain to what it does to the wallet.
import type { Address } from '../address.ts';
import type { DecodedInstruction, DecodedTransaction } from '../transaction/decoded-transaction.ts';
import { rentHolder } from './account-rent.ts';
import type { ChainFacts } from './chain-facts.ts';
import { cpiSigners } from './cpi-signers.ts';
import { dataAddresses } from './data-addresses.ts';
import type { Effects } from './effects.ts';
import { computeFee } from './fee.ts';
import { followInstructions } from './follow-instructions.ts';
import { guaranteesOf } from './guarantees/guarantees.ts';
import type { Ledger } from './ledger.ts';
import { protectedBalances } from './protected-balances.ts';

/**
 * `facts` are the accounts that `accountsNeeded` names. What they do not establish is named in `missing`.
 * Transfers, approvals, authority changes and closes are listed for everybody; sums are the wallet's, and gross. An account
 * that the wallet merely controls counts like its own. The fee is in no outflow.
 */
export function computeEffects(decoded: DecodedTransaction, wallet: Address, facts: ChainFacts): Effects {
  return effectsOf(followInstructions(decoded, wallet, facts), decoded);
}

/** All that a ledger holds when everything was followed. `inner`: what a simulation showed to run besides the message's instructions. */
export function effectsOf(
  ledger: Ledger,
  decoded: DecodedTransaction,
  inner: readonly DecodedInstruction[] = [],
): Effects {
  const { wallet } = ledger;
  const { instructions } = decoded;
  return {
    ...ledger.effects,
    creations: ledger.effects.creations.map((made) => ({ ...made, refundableTo: rentHolder(ledger, made) })),
    outflows: [...ledger.outflows.values()],
    outflowsByRecipient: [...ledger.outflowsByRecipient.values()],
    inflows: [...ledger.inflows.values()],
    protectedBalances: protectedBalances(ledger),
    cpiSigners: [
      ...cpiSigners(instructions, wallet, 'message'),
      ...cpiSigners(inner, wallet, 'simulation'),
      ...ledger.effects.cpiSigners,
    ],
    dataAddresses: [...dataAddresses(instructions, 'message'), ...dataAddresses(inner, 'simulation')],
    guarantees: guaranteesOf(instructions),
    mints: [...ledger.mintFacts.values()],
    fee: computeFee(decoded),
    rentLamports: ledger.rentLamports,
  };
}
