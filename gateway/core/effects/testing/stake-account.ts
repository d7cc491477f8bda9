// Owns stake accounts for tests, as the published client writes them.
import { getStakeStateAccountEncoder } from '@solana-program/stake';
import type { Address } from '../../address.ts';
import { STAKE_PROGRAM, SYSTEM_PROGRAM } from '../../transaction/programs/program-ids.ts';
import type { AccountState } from '../chain-facts.ts';
import { rentExemption } from '../rent.ts';

/** What an account must hold, staked or not. */
export const STAKE_RENT = rentExemption(200n);

const SIZE = 200;
const NEVER = 2n ** 64n - 1n;

export interface StakeAccountPlan {
  readonly staker: Address;
  readonly withdrawer: Address;
  /** Beyond rent. */
  readonly lamports?: bigint;
  /** Locked for ever, unless the custodian signs. */
  readonly custodian?: Address;
  /** Vote account to which all lamports beyond rent are delegated, fully active. */
  readonly delegatedTo?: Address;
}

export function stakeAccount(plan: StakeAccountPlan): AccountState {
  const { staker, withdrawer, lamports = 0n, custodian, delegatedTo } = plan;
  const lockup =
    custodian === undefined
      ? { unixTimestamp: 0n, epoch: 0n, custodian: SYSTEM_PROGRAM }
      : { unixTimestamp: 0n, epoch: NEVER, custodian };
  const meta = { rentExemptReserve: STAKE_RENT, authorized: { staker, withdrawer }, lockup };
  const data = new Uint8Array(SIZE);
  const encoder = getStakeStateAccountEncoder();
  if (delegatedTo === undefined) {
    data.set(encoder.encode({ state: { __kind: 'Initialized', fields: [meta] } }));
  } else {
    // Stake of the first epoch of a chain is active at once.
    const epochs = { activationEpoch: NEVER, deactivationEpoch: NEVER, reserved: new Array<number>(8).fill(0) };
    const delegation = { voterPubkey: delegatedTo, stake: lamports, ...epochs };
    const stake = { delegation, creditsObserved: 0n };
    data.set(encoder.encode({ state: { __kind: 'Stake', fields: [meta, stake, { bits: 0 }] } }));
  }
  return { owner: STAKE_PROGRAM, lamports: STAKE_RENT + lamports, data };
}
