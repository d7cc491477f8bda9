// Owns listing the accounts that come into being or become larger, and counting the rent that the wallet pays for them.
import type { AccountCreation } from './effects.ts';
import type { Ledger } from './ledger.ts';

/** The lamports themselves are moved by whoever knows how many they are. */
export function recordRent(ledger: Ledger, creation: Omit<AccountCreation, 'basis'>): void {
  const { payer, rentLamports } = creation;
  ledger.effects.creations.push({ ...creation, basis: ledger.basis });
  if (payer === ledger.wallet) ledger.rentLamports += rentLamports;
}
