// Owns what token instructions do to rights: delegates, authorities, frozen accounts.
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { accountIn, integerIn, optionalAccountIn, optionalAddressIn } from '../instruction-parts.ts';
import { knownHolding, type Ledger, setHolding } from '../ledger.ts';
import { noteMint } from './mint-facts.ts';
import { authorityOf, requireTokenAccount } from './token-control.ts';
import { isNative } from './token-state.ts';

export function approve(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'source');
  const holding = requireTokenAccount(ledger, instruction, account);
  const mint = holding?.mint ?? optionalAccountIn(instruction, 'mint');
  if (mint !== null) noteMint(ledger, instruction.index, mint, instruction.program);
  ledger.effects.approvals.push({
    instruction: instruction.index,
    basis: ledger.basis,
    account,
    owner: holding?.owner ?? accountIn(instruction, 'owner'),
    delegate: accountIn(instruction, 'delegate'),
    asset: holding?.mint ?? null,
    amount: integerIn(instruction, 'amount'),
  });
}

export function setAuthority(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'account');
  const type = instruction.arguments.authority_type;
  const to = optionalAddressIn(instruction, 'new_authority');
  ledger.effects.authorityChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: type === 'account_owner' ? 'token_account_owner' : String(type),
    account,
    from: authorityOf(instruction),
    to,
  });
  const holding = knownHolding(ledger, account);
  if (holding === null) return;
  if (type === 'close_account') setHolding(ledger, account, { ...holding, closeAuthority: to });
  if (type === 'account_owner' && to !== null) {
    // The program clears the close authority of wrapped SOL with its owner, of no other account.
    const closeAuthority = isNative(holding) ? null : holding.closeAuthority;
    setHolding(ledger, account, { ...holding, owner: to, closeAuthority });
  }
}

export function toggleFrozen(ledger: Ledger, instruction: KnownInstruction): void {
  const authority = authorityOf(instruction);
  ledger.effects.authorityChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: instruction.name === 'freeze_account' ? 'token_account_freeze' : 'token_account_thaw',
    account: accountIn(instruction, 'account'),
    from: authority,
    to: authority,
  });
}
