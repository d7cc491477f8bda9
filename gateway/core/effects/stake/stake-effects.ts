// Owns what Stake instructions do: what is done to a stake account, who may do what with it later, and what leaves it.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import type { StakeInstructionName } from '../../transaction/programs/stake.ts';
import { type ApplyInstruction, type InstructionEffect, nothing } from '../instruction-effect.ts';
import { accountIn } from '../instruction-parts.ts';
import type { Ledger } from '../ledger.ts';
import { authorizeStake, initializeStake, setStakeLockup } from './stake-authority-effects.ts';
import { takesPart } from './stake-control.ts';
import { mergeStake, moveBetweenStakes, splitStake, withdrawStake } from './stake-lamport-effects.ts';

const INITIALIZE = {
  says: 'a new stake account and who may do what with it: `operations`, `authority_changes`. What was paid into it left the payer when it was created, whoever may withdraw it',
  apply: on('initialize', ['stake'], initializeStake),
};
const AUTHORIZE = {
  says: 'gives an authority over a stake account to another key: `operations`, `authority_changes`',
  apply: on('authorize', ['stake'], authorizeStake),
};
const SET_LOCKUP = {
  says: 'changes until when a stake account is locked: `operations`; who may lift it: `authority_changes`',
  apply: on('set_lockup', ['stake'], setStakeLockup),
};
const MOVED = ['source_stake', 'destination_stake'];
const SAME_AUTHORITIES = 'whose authorities the program requires to be the same: `operations`, `transfers`';

export const STAKE_EFFECTS = {
  initialize: INITIALIZE,
  initialize_checked: INITIALIZE,
  authorize: AUTHORIZE,
  authorize_checked: AUTHORIZE,
  authorize_with_seed: AUTHORIZE,
  authorize_checked_with_seed: AUTHORIZE,
  set_lockup: SET_LOCKUP,
  set_lockup_checked: SET_LOCKUP,
  delegate_stake: { says: 'delegates to a vote account: `operations`', apply: on('delegate', ['stake']) },
  deactivate: { says: 'ends a delegation: `operations`', apply: on('deactivate', ['stake']) },
  deactivate_delinquent: {
    says: 'ends a delegation to a vote account that no longer votes, which anybody may: `operations`',
    apply: on('deactivate_delinquent', ['stake']),
  },
  split: {
    says: 'moves SOL to a new stake account that gets the same authorities: `operations`, `transfers`; of all of it, `closes`',
    apply: on('split', ['stake'], splitStake),
  },
  merge: {
    says: 'moves all SOL to another stake account with the same authorities: `operations`, `closes`, `transfers`',
    apply: on('merge', MOVED, mergeStake),
  },
  move_stake: {
    says: `moves active stake to another stake account, ${SAME_AUTHORITIES}`,
    apply: on('move_stake', MOVED, moveBetweenStakes),
  },
  move_lamports: {
    says: `moves SOL that is not staked to another stake account, ${SAME_AUTHORITIES}`,
    apply: on('move_lamports', MOVED, moveBetweenStakes),
  },
  withdraw: {
    says: 'moves SOL out of a stake account: `operations`, `transfers`',
    apply: on('withdraw', ['stake'], withdrawStake),
  },
  get_minimum_delegation: nothing('none: it answers with a number'),
} satisfies Record<StakeInstructionName, InstructionEffect>;

/** Names the operation on each of the accounts, then follows it. */
function on(kind: string, roles: readonly string[], follow?: ApplyInstruction): ApplyInstruction {
  return (ledger, instruction) => {
    for (const role of roles) operate(ledger, instruction, kind, accountIn(instruction, role));
    follow?.(ledger, instruction);
  };
}

function operate(ledger: Ledger, instruction: KnownInstruction, kind: string, account: Address): void {
  takesPart(ledger, instruction, account);
  ledger.effects.operations.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: `stake_${kind}`,
    account,
  });
}
