// Owns reading the authorities of a stake account from its bytes on chain.
import type { Address } from '../../address.ts';
import { addressAt } from '../../base58.ts';
import { STAKE_PROGRAM } from '../../transaction/programs/program-ids.ts';
import type { AccountState } from '../chain-facts.ts';

/** Who may do what with a stake account. What is in it belongs to the withdrawer. */
export interface StakeAuthorities {
  readonly staker: Address;
  readonly withdrawer: Address;
  /** Whose signature lifts a lockup; the System program's address: nobody's. */
  readonly custodian: Address;
}

const INITIALIZED = 1;
const DELEGATED = 2;
const META_END = 124;

/**
 * `null` when it is no initialized stake account.
 * Layout: u32 state, u64 rent reserve, staker at 12, withdrawer at 44, i64 time, u64 epoch and custodian of the lockup at 76, …; the size differs between old accounts.
 */
export function readStakeAuthorities(state: AccountState): StakeAuthorities | null {
  const { data } = state;
  if (state.owner !== STAKE_PROGRAM || data.length < META_END) return null;
  const kind = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  if (kind !== INITIALIZED && kind !== DELEGATED) return null;
  return { staker: addressAt(data, 12), withdrawer: addressAt(data, 44), custodian: addressAt(data, 92) };
}
