// Owns what Stake instructions do to rights: the staker, the withdrawer, and the custodian of a lockup.
import type { Address } from '../address.ts';
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import { SYSTEM_PROGRAM } from '../transaction/programs/program-ids.ts';
import { accountIn, optionalAccountIn, optionalAddressIn } from './instruction-parts.ts';
import type { Ledger } from './ledger.ts';
import { knownStake } from './stake-control.ts';
import type { StakeAuthorities } from './stake-state.ts';

/** The program refuses an account that is in use, so its authorities are proven wherever the transaction succeeds. */
export function initializeStake(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'stake');
  const authorities = initialAuthorities(instruction);
  ledger.stakes.set(account, authorities);
  change(ledger, instruction, 'staker', null, authorities.staker);
  change(ledger, instruction, 'withdrawer', null, authorities.withdrawer);
  const custodian = optionalAddressIn(instruction, 'custodian');
  // Without a time and without a custodian there is no lockup.
  const { unix_timestamp: time, epoch } = instruction.arguments;
  const locks = time !== 0n || epoch !== 0n || custodian !== SYSTEM_PROGRAM;
  if (custodian !== null && locks) change(ledger, instruction, 'custodian', null, custodian);
}

/** A custodian that stands among the signers may itself be the authority, so only the chain tells who had it before. */
export function authorizeStake(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'stake');
  const kind = instruction.arguments.authority_type === 'staker' ? 'staker' : 'withdrawer';
  const to = optionalAddressIn(instruction, 'new_authority') ?? accountIn(instruction, 'new_authority');
  const before = knownStake(ledger, account);
  const from = before?.[kind] ?? optionalAccountIn(instruction, 'authority');
  change(ledger, instruction, kind, from, to);
  if (before !== null) ledger.stakes.set(account, { ...before, [kind]: to });
}

export function setStakeLockup(ledger: Ledger, instruction: KnownInstruction): void {
  const custodian = optionalAddressIn(instruction, 'custodian') ?? optionalAccountIn(instruction, 'new_authority');
  if (custodian !== null) change(ledger, instruction, 'custodian', null, custodian);
}

function change(
  ledger: Ledger,
  instruction: KnownInstruction,
  kind: 'staker' | 'withdrawer' | 'custodian',
  from: Address | null,
  to: Address,
): void {
  ledger.effects.authorityChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: `stake_${kind}`,
    account: accountIn(instruction, 'stake'),
    from,
    to,
  });
}

/** In the data, or of the checked instruction among the accounts. */
function initialAuthorities(instruction: KnownInstruction): StakeAuthorities {
  return {
    staker: optionalAddressIn(instruction, 'staker') ?? accountIn(instruction, 'stake_authority'),
    withdrawer: optionalAddressIn(instruction, 'withdrawer') ?? accountIn(instruction, 'withdraw_authority'),
  };
}
