// Owns what Stake instructions do to rights: the staker, the withdrawer, and the custodian of a lockup.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { SYSTEM_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { accountIn, optionalAccountIn, optionalAddressIn } from '../instruction-parts.ts';
import { type Ledger, lookUp } from '../ledger.ts';
import { knownStake, requireStake } from './stake-control.ts';
import type { StakeAuthorities } from './stake-state.ts';

/** What stands for no custodian. */
const NOBODY = SYSTEM_PROGRAM;

/** The program refuses an account that is in use, so its authorities are proven wherever the transaction succeeds. */
export function initializeStake(ledger: Ledger, instruction: KnownInstruction): void {
  const authorities = initialAuthorities(instruction);
  ledger.stakes.set(accountIn(instruction, 'stake'), authorities);
  change(ledger, instruction, 'staker', null, authorities.staker);
  change(ledger, instruction, 'withdrawer', null, authorities.withdrawer);
  // Without a time and without a custodian there is no lockup; the checked instruction sets none.
  const { unix_timestamp: time = 0n, epoch = 0n } = instruction.arguments;
  const { custodian } = authorities;
  if (time !== 0n || epoch !== 0n || custodian !== NOBODY) change(ledger, instruction, 'custodian', null, custodian);
}

export function authorizeStake(ledger: Ledger, instruction: KnownInstruction): void {
  const kind = instruction.arguments.authority_type === 'staker' ? 'staker' : 'withdrawer';
  const to = optionalAddressIn(instruction, 'new_authority') ?? accountIn(instruction, 'new_authority');
  replace(ledger, instruction, kind, to);
}

/** A lockup without a new custodian is in the hands of the one before, who may have been named when it locked nothing. */
export function setStakeLockup(ledger: Ledger, instruction: KnownInstruction): void {
  const named = optionalAddressIn(instruction, 'custodian') ?? optionalAccountIn(instruction, 'new_authority');
  const to = named ?? requireStake(ledger, accountIn(instruction, 'stake'), instruction.index)?.custodian;
  if (to !== undefined) replace(ledger, instruction, 'custodian', to);
}

type Authority = keyof StakeAuthorities;

/** Asks the chain who had it: the signers do not tell, because a withdrawer may name a staker, and a custodian may be both. */
function replace(ledger: Ledger, instruction: KnownInstruction, kind: Authority, to: Address): void {
  const account = accountIn(instruction, 'stake');
  lookUp(ledger, account);
  const before = knownStake(ledger, account);
  const from = before?.[kind] ?? null;
  change(ledger, instruction, kind, from === NOBODY ? null : from, to);
  if (before !== null) ledger.stakes.set(account, { ...before, [kind]: to });
}

function change(
  ledger: Ledger,
  instruction: KnownInstruction,
  kind: Authority,
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
    custodian: optionalAddressIn(instruction, 'custodian') ?? NOBODY,
  };
}
