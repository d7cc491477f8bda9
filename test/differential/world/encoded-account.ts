// Owns the shape in which accounts are put on a test's chain.
import { type Address, type EncodedAccount, lamports } from '@solana/kit';
import type { LiteSVM } from 'litesvm';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import { SYSTEM_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';

export function encodedAccount(address: Address, state: AccountState): EncodedAccount {
  const { owner: programAddress, lamports: amount, data } = state;
  const space = BigInt(data.length);
  return { address, programAddress, lamports: lamports(amount), data, executable: false, space };
}

/** No account: an address without lamports. */
export function emptyAccount(address: Address): EncodedAccount {
  return encodedAccount(address, { owner: SYSTEM_PROGRAM, lamports: 0n, data: new Uint8Array() });
}

/** As it stands on the chain, so that it can be put back. */
export function accountOnChain(svm: LiteSVM, address: Address): EncodedAccount {
  const account = svm.getAccount(address);
  if (!account.exists) throw new Error(`${address} is not on the chain`);
  return account;
}
