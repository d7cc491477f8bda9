// Owns what Vote instructions do: votes, authorities, where commissions go, and what leaves a vote account.
import type { Address } from '../address.ts';
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import type { VoteInstructionName } from '../transaction/programs/vote.ts';
import type { ApplyInstruction, InstructionEffect } from './instruction-effect.ts';
import { accountIn, addressIn, integerIn, optionalAddressIn } from './instruction-parts.ts';
import { payLamports } from './lamport-payment.ts';
import type { Ledger } from './ledger.ts';

const VOTE = { says: 'votes: `operations`', apply: on('vote') };
const INITIALIZE = {
  says: 'a new vote account and who may do what with it: `operations`, `authority_changes`',
  apply: on('initialize', initialize),
};
const AUTHORIZE = {
  says: 'gives an authority over a vote account to another key: `operations`, `authority_changes`',
  apply: on('authorize', authorize),
};

export const VOTE_EFFECTS = {
  initialize_account: INITIALIZE,
  initialize_account_v2: INITIALIZE,
  authorize: AUTHORIZE,
  authorize_checked: AUTHORIZE,
  authorize_with_seed: AUTHORIZE,
  authorize_checked_with_seed: AUTHORIZE,
  vote: VOTE,
  vote_switch: VOTE,
  update_vote_state: VOTE,
  update_vote_state_switch: VOTE,
  compact_update_vote_state: VOTE,
  compact_update_vote_state_switch: VOTE,
  tower_sync: VOTE,
  tower_sync_switch: VOTE,
  withdraw: { says: 'moves SOL out of a vote account: `operations`, `transfers`', apply: on('withdraw', withdraw) },
  update_validator_identity: {
    says: 'names another validator for a vote account: `operations`, `authority_changes`',
    apply: on('update_validator_identity', (ledger, instruction) => {
      change(ledger, instruction, 'identity', accountIn(instruction, 'node'));
    }),
  },
  update_commission: { says: 'sets a commission: `operations`', apply: on('update_commission') },
  update_commission_bps: { says: 'sets a commission: `operations`', apply: on('update_commission') },
  update_commission_collector: {
    says: 'sends commissions to another account from now on: `operations`, `authority_changes`',
    apply: on('update_commission_collector', (ledger, instruction) => {
      change(ledger, instruction, 'commission_collector', accountIn(instruction, 'new_collector'));
    }),
  },
  deposit_delegator_rewards: {
    says: 'pays SOL into a vote account for its delegators: `operations`, `transfers`',
    apply: on('deposit_delegator_rewards', deposit),
  },
} satisfies Record<VoteInstructionName, InstructionEffect>;

/** Names the operation on the vote account, then follows it. */
function on(kind: string, follow?: ApplyInstruction): ApplyInstruction {
  return (ledger, instruction) => {
    const account = accountIn(instruction, 'vote');
    const operation = { instruction: instruction.index, basis: ledger.basis, kind: `vote_${kind}`, account };
    ledger.effects.operations.push(operation);
    follow?.(ledger, instruction);
  };
}

function initialize(ledger: Ledger, instruction: KnownInstruction): void {
  change(ledger, instruction, 'identity', addressIn(instruction, 'node_pubkey'));
  change(ledger, instruction, 'voter', addressIn(instruction, 'authorized_voter'));
  change(ledger, instruction, 'withdrawer', addressIn(instruction, 'authorized_withdrawer'));
  ledger.rentHolders.set(accountIn(instruction, 'vote'), addressIn(instruction, 'authorized_withdrawer'));
  if (instruction.name !== 'initialize_account_v2') return;
  change(ledger, instruction, 'commission_collector', accountIn(instruction, 'inflation_rewards_collector'));
  change(ledger, instruction, 'commission_collector', accountIn(instruction, 'block_revenue_collector'));
}

function authorize(ledger: Ledger, instruction: KnownInstruction): void {
  const to = optionalAddressIn(instruction, 'new_authority') ?? accountIn(instruction, 'new_authority');
  // A voter with a BLS key is a voter.
  change(ledger, instruction, instruction.arguments.authority_type === 'withdrawer' ? 'withdrawer' : 'voter', to);
}

/** Who had the authority stands only on chain: the program takes it from any signer, or derives it. */
function change(
  ledger: Ledger,
  instruction: KnownInstruction,
  kind: 'identity' | 'voter' | 'withdrawer' | 'commission_collector',
  to: Address,
): void {
  ledger.effects.authorityChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: `vote_${kind}`,
    account: accountIn(instruction, 'vote'),
    from: null,
    to,
  });
}

/**
 * The program takes the withdrawer from any signer, so the wallet's signature in any role draws on it, except as
 * the recipient: then nothing leaves it, and its signature may be there to pay the fee alone.
 */
function withdraw(ledger: Ledger, instruction: KnownInstruction): void {
  const { wallet } = ledger;
  const source = accountIn(instruction, 'vote');
  const destination = accountIn(instruction, 'recipient');
  const signers = instruction.accounts.filter(({ signer, role }) => signer && role !== 'recipient');
  const debitsWallet = signers.some(({ address }) => address === wallet);
  if (debitsWallet) ledger.controlled.add(source);
  const sourceOwner = debitsWallet ? wallet : (signers[0]?.address ?? null);
  const amount = integerIn(instruction, 'lamports');
  payLamports(ledger, instruction.index, { source, sourceOwner, destination, amount }, debitsWallet);
}

function deposit(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'source');
  const destination = accountIn(instruction, 'vote');
  const amount = integerIn(instruction, 'deposit');
  const payment = { source, sourceOwner: source, destination, amount };
  payLamports(ledger, instruction.index, payment, source === ledger.wallet);
}
