// Owns whether an account holds the data of a program that the effects say is upgraded: they name the program, not its data.
import type { Address } from '../address.ts';
import { addressAt } from '../base58.ts';
import type { ChainFacts } from '../effects/chain-facts.ts';
import type { Effects } from '../effects/effects.ts';
import { LOADER_V3_PROGRAM } from '../transaction/programs/program-ids.ts';

/** UpgradeableLoaderState: u32 state, of a program 2, then the address of its data. */
const PROGRAM_STATE = 2;
const PROGRAM_SIZE = 36;

export function isUpgradedData(account: Address, { accounts }: ChainFacts, { operations }: Effects): boolean {
  return operations.some(({ kind, account: program }) => {
    const state = kind === 'program_upgrade' ? (accounts.get(program) ?? null) : null;
    if (state === null || state.owner !== LOADER_V3_PROGRAM || state.data.length < PROGRAM_SIZE) return false;
    return state.data[0] === PROGRAM_STATE && addressAt(state.data, 4) === account;
  });
}
