// Owns the SPL Token part of the world.
import { type Address, type EncodedAccount, none, some } from '@solana/kit';
import { AccountState, getMintEncoder, getMultisigEncoder, getTokenEncoder } from '@solana-program/token';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../../../gateway/core/effects/rent.ts';
import { NATIVE_MINT, SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import { encodedAccount } from './encoded-account.ts';
import type { MintPlan, MultisigPlan, TokenAccountPlan, TokenWorld } from './token-world.ts';

const MOST_MEMBERS = 11;

/** Wrapped SOL needs no account of its mint. */
export function classicAccounts({ mints, accounts, multisigs }: TokenWorld): readonly EncodedAccount[] {
  return [
    ...mints.filter(({ address }) => address !== NATIVE_MINT).map(mintAccount),
    ...accounts.map(tokenAccount),
    ...multisigs.map((it) => multisigAccount(it, TOKEN_PROGRAM)),
  ];
}

export function multisigAccount({ address, required, members }: MultisigPlan, program: Address): EncodedAccount {
  const rest = Array.from({ length: MOST_MEMBERS - members.length }, () => SYSTEM_PROGRAM);
  const signers = [...members, ...rest];
  const data = getMultisigEncoder().encode({ m: required, n: members.length, isInitialized: true, signers });
  return encodedAccount(address, { owner: program, lamports: rentExemption(355n) + 900n, data: new Uint8Array(data) });
}

function mintAccount({ address, decimals, mintAuthority, freezeAuthority }: MintPlan): EncodedAccount {
  const data = getMintEncoder().encode({
    mintAuthority,
    supply: 10n ** 15n,
    decimals,
    isInitialized: true,
    freezeAuthority,
  });
  const lamports = rentExemption(82n) + 700n;
  return encodedAccount(address, { owner: TOKEN_PROGRAM, lamports, data: new Uint8Array(data) });
}

function tokenAccount(plan: TokenAccountPlan): EncodedAccount {
  const { address, mint, owner, amount, delegate, closeAuthority } = plan;
  const native = mint === NATIVE_MINT;
  const data = getTokenEncoder().encode({
    mint,
    owner,
    amount,
    delegate,
    state: AccountState.Initialized,
    isNative: native ? some(TOKEN_ACCOUNT_RENT) : none(),
    delegatedAmount: delegate === null ? 0n : amount / 2n,
    closeAuthority,
  });
  const lamports = TOKEN_ACCOUNT_RENT + (native ? amount : 300n);
  return encodedAccount(address, { owner: TOKEN_PROGRAM, lamports, data: new Uint8Array(data) });
}
