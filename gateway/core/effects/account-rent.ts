// Owns listing the accounts that come into being or become larger, and counting the rent that the wallet pays for them.
import type { Address } from '../address.ts';
import {
  LOADER_V3_PROGRAM,
  LOADER_V4_PROGRAM,
  STAKE_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
  VOTE_PROGRAM,
} from '../transaction/programs/program-ids.ts';
import type { AccountCreation } from './effects.ts';
import { knownHolding, type Ledger, type RecordedCreation } from './ledger.ts';

/** Of these, an account that nobody initialized can be made one's own, and its lamports be taken, by whoever comes first. */
const TAKEN_BY_THE_FIRST: ReadonlySet<Address> = new Set([
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
  TOKEN_2022_PROGRAM,
  STAKE_PROGRAM,
  VOTE_PROGRAM,
  LOADER_V3_PROGRAM,
  LOADER_V4_PROGRAM,
]);

/** The lamports themselves are moved by whoever knows how many they are. */
export function recordRent(ledger: Ledger, creation: Omit<RecordedCreation, 'basis'>): void {
  const { payer, rentLamports, kind, account, ownerProgram } = creation;
  if (kind === 'new') ledger.rentHolders.set(account, TAKEN_BY_THE_FIRST.has(ownerProgram) ? account : ownerProgram);
  ledger.effects.creations.push({ ...creation, basis: ledger.basis });
  if (payer === ledger.wallet) ledger.rentLamports += rentLamports;
}

/** Who can take the rent back, as things stand at the end. What is up to whoever comes first counts as the account's own. */
export function rentHolder(
  ledger: Ledger,
  { account, ownerProgram }: RecordedCreation,
): AccountCreation['refundableTo'] {
  const holding = knownHolding(ledger, account);
  if (holding !== null) return holding.closeAuthority ?? holding.owner;
  const stake = ledger.stakes.get(account) ?? null;
  if (stake !== null) return stake.withdrawer;
  return ledger.rentHolders.get(account) ?? (TAKEN_BY_THE_FIRST.has(ownerProgram) ? account : ownerProgram);
}
