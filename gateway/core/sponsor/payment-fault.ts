// Owns why what a sponsor asks of wallets could never reach it: its mint or its token account is not what it must be.
import type { Address } from '../address.ts';
import type { AccountState } from '../effects/chain-facts.ts';
import { readMint } from '../effects/token/mint-state.ts';
import { isFrozen, readTokenAccount } from '../effects/token/token-state.ts';
import { SYSTEM_PROGRAM } from '../transaction/programs/program-ids.ts';
import type { SponsorPayment } from './sponsor-terms.ts';

export interface PaymentFault {
  /** Key of the sponsor's entry in the configuration. */
  readonly field: 'payment.mint' | 'payment.to';
  readonly reason: string;
}

/** `accounts`: what stands at both addresses; `null`, or not in it: nothing. `null`: a payment can arrive as things are now. */
export function paymentFault(
  { mint, to }: Pick<SponsorPayment, 'mint' | 'to'>,
  accounts: ReadonlyMap<Address, AccountState | null>,
): PaymentFault | null {
  const mintState = accounts.get(mint) ?? null;
  const ofMint = mintReason(mintState);
  if (mintState === null || ofMint !== null) return { field: 'payment.mint', reason: `${mint} ${ofMint}` };
  const ofAccount = accountReason(accounts.get(to) ?? null, mint, mintState.owner);
  return ofAccount === null ? null : { field: 'payment.to', reason: `${to} ${ofAccount}` };
}

const NOT_THERE = 'is no account on this cluster';

function mintReason(state: AccountState | null): string | null {
  if (state === null) return `${NOT_THERE}; take the address of the token's mint`;
  const mint = readMint(state);
  if (mint === null) return "is no mint of a token program; take the address of the token's mint";
  const { transferHook, permanentDelegate, extensions } = mint;
  const denied = 'nobody could be sure of a payment, and all would be denied';
  if (transferHook?.program) return `is a mint with a transfer hook ${transferHook.program}: ${denied}`;
  if (permanentDelegate !== null) return `is a mint with a permanent delegate ${permanentDelegate}: ${denied}`;
  if (extensions.includes('non_transferable')) return 'is a mint of tokens that cannot be transferred';
  return null;
}

function accountReason(state: AccountState | null, mint: Address, tokenProgram: Address): string | null {
  const remedy = `take the address of a token account of ${mint}`;
  if (state === null) return `${NOT_THERE}; ${remedy} that exists`;
  const holding = readTokenAccount(state);
  if (holding === null) {
    const isWallet = state.owner === SYSTEM_PROGRAM && state.data.length === 0;
    return `${isWallet ? 'is the address of a wallet, and' : 'is'} no token account; ${remedy}`;
  }
  if (holding.mint !== mint || holding.tokenProgram !== tokenProgram) {
    return `holds tokens of ${holding.mint}, not of payment.mint under its token program; ${remedy}`;
  }
  return isFrozen(state) ? 'is frozen: nothing can be paid into it; thaw it, or take another' : null;
}
