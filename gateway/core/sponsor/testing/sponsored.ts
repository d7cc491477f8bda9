// Owns transactions for tests that somebody else than the wallet pays for, with all that is judged of them.
import type { Instruction } from '@solana/kit';
import type { Address } from '../../address.ts';
import { computeEffects } from '../../effects/compute-effects.ts';
import { type Chain, decodeInstructions, decodeWire, readFacts } from '../../effects/testing/judge.ts';
import { PLAIN, WALLET } from '../../effects/testing/token-2022-chain.ts';
import type { DecodedTransaction } from '../../transaction/decoded-transaction.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import type { SponsorTerms } from '../sponsor-terms.ts';
import type { SponsoredActs } from '../sponsored-acts.ts';

export const SPONSOR: Address = keyAddress(70);

export const TERMS: SponsorTerms = {
  name: 'gas-station',
  address: SPONSOR,
  maxPerTransaction: 10_000_000n,
  perAgentPerDay: 20_000_000n,
  perDay: 30_000_000n,
  accountRent: 'none',
  payment: null,
  alertBelow: 1n,
};

export function sponsored(instructions: readonly Instruction[], chain: Chain = PLAIN): SponsoredActs {
  return actsOf(decodeInstructions(SPONSOR, instructions), chain);
}

export function sponsoredWire(...wire: Parameters<typeof decodeWire>): SponsoredActs {
  return actsOf(decodeWire(...wire), PLAIN);
}

function actsOf(decoded: DecodedTransaction, chain: Chain): SponsoredActs {
  const { accounts } = readFacts(decoded, WALLET, chain);
  const effects = computeEffects(decoded, WALLET, { slot: 1n, accounts });
  return { wallet: WALLET, decoded, effects: [effects], ran: [], fails: null };
}
