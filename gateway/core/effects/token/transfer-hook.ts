// Owns the program that a mint lets be called on each transfer: what it does with the accounts it gets is not in the message.
import type { Address } from '../../address.ts';
import type { AccountInRole, KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { type Ledger, reportMissing } from '../ledger.ts';
import type { Mint } from './mint-state.ts';

/**
 * Source, mint, destination and authority are passed to the hook without their signatures. Of any further account the hook could
 * ask for the signature under earlier versions of the program; the present one takes it away, and which is deployed the message does
 * not say. A hook that is set between judgement and landing can only be called where its program is among the further accounts,
 * and a program never signs.
 */
export function requireNoHook(ledger: Ledger, instruction: KnownInstruction, address: Address, mint: Mint): void {
  const further = accountsBehindAuthority(instruction);
  const program = mint.transferHook?.program ?? null;
  if (program === null) {
    const setter = whoMaySetHook(mint);
    if (setter === null || further.every(({ signer }) => signer)) return;
    const detail = `${address} calls no program on transfers now, but ${setter} can make it call one of the further accounts`;
    reportMissing(ledger, 'transfer_hook', instruction.index, detail);
    return;
  }
  const detail = `${address} calls ${program} on every transfer, and what that does is not in the message`;
  reportMissing(ledger, 'transfer_hook', instruction.index, detail);
  if (further.some((account) => account.address === ledger.wallet)) {
    const { index } = instruction;
    ledger.effects.cpiSigners.push({ instruction: index, basis: ledger.basis, program, signer: ledger.wallet });
  }
}

/** The hook's authority, or whoever may close the mint and make another at its address. */
function whoMaySetHook({ transferHook, closeAuthority }: Mint): Address | null {
  return transferHook?.authority ?? closeAuthority;
}

function accountsBehindAuthority({ accounts }: KnownInstruction): readonly AccountInRole[] {
  return accounts.slice(accounts.findIndex(({ role }) => role === 'authority') + 1);
}
