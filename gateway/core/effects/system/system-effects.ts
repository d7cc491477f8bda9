// Owns what System instructions do: transfers of SOL, new accounts, and accounts handed to another program.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { SYSTEM_PROGRAM } from '../../transaction/programs/program-ids.ts';
import type { SystemInstructionName } from '../../transaction/programs/system.ts';
import { recordRent } from '../account-rent.ts';
import type { InstructionEffect } from '../instruction-effect.ts';
import { accountIn, addressIn, integerIn, optionalAccountIn } from '../instruction-parts.ts';
import { payLamports } from '../lamport-payment.ts';
import { type Ledger, moveLamports } from '../ledger.ts';
import { rentExemption } from '../rent.ts';
import { advanceNonce, authorizeNonce, initializeNonce, upgradeNonce, withdrawNonce } from './nonce-effects.ts';

const CREATE = {
  says: 'a new account for a program, its rent paid by the payer: `creations`; what is above the rent: `transfers`',
  apply: createAccount,
};

export const SYSTEM_EFFECTS = {
  create_account: CREATE,
  create_account_with_seed: CREATE,
  create_account_allow_prefund: CREATE,
  transfer: {
    says: 'moves SOL: `transfers`',
    apply: (ledger, instruction) => {
      const source = accountIn(instruction, 'source');
      transferSol(ledger, instruction, source, source);
    },
  },
  // The source is derived from the base, which signs for it.
  transfer_with_seed: {
    says: 'moves SOL of an address derived from the base account: `transfers`',
    apply: (ledger, instruction) => {
      transferSol(ledger, instruction, accountIn(instruction, 'source'), accountIn(instruction, 'base_account'));
    },
  },
  assign: { says: 'hands an account to a program: `authority_changes`', apply: assign },
  assign_with_seed: { says: 'hands an account to a program: `authority_changes`', apply: assign },
  allocate: { says: 'gives an account data, so that it can no longer pay: `authority_changes`', apply: allocate },
  allocate_with_seed: {
    says: 'allocates and hands to a program: `authority_changes`',
    apply: (ledger, instruction) => {
      allocate(ledger, instruction);
      assign(ledger, instruction);
    },
  },
  advance_nonce_account: { says: 'moves a nonce on: `operations`', apply: advanceNonce },
  withdraw_nonce_account: { says: 'moves SOL out of a nonce account: `operations`, `transfers`', apply: withdrawNonce },
  initialize_nonce_account: {
    says: 'a new nonce account and its authority: `operations`, `authority_changes`',
    apply: initializeNonce,
  },
  authorize_nonce_account: {
    says: 'gives a nonce account to another authority: `operations`, `authority_changes`',
    apply: authorizeNonce,
  },
  upgrade_nonce_account: { says: 'changes the format of a nonce account: `operations`', apply: upgradeNonce },
} satisfies Record<SystemInstructionName, InstructionEffect>;

function transferSol(ledger: Ledger, instruction: KnownInstruction, source: Address, sourceOwner: Address): void {
  const destination = accountIn(instruction, 'destination');
  const amount = integerIn(instruction, 'lamports');
  const debitsWallet = source === ledger.wallet || sourceOwner === ledger.wallet;
  payLamports(ledger, instruction.index, { source, sourceOwner, destination, amount }, debitsWallet);
}

/** Lamports up to the rent exemption are rent; what is above goes to the new account like a transfer. */
function createAccount(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'new_account');
  // Without lamports nobody pays.
  const payer = optionalAccountIn(instruction, 'payer') ?? account;
  const lamports = integerIn(instruction, 'lamports');
  const space = integerIn(instruction, 'space');
  const exemption = rentExemption(space);
  const excess = lamports > exemption ? lamports - exemption : 0n;
  const rentLamports = lamports - excess;
  const ownerProgram = addressIn(instruction, 'program');
  recordRent(ledger, { instruction: instruction.index, kind: 'new', account, payer, ownerProgram, rentLamports });
  ledger.newSizes.set(account, space);
  moveLamports(ledger, payer, account, rentLamports);
  if (excess > 0n) {
    const payment = { source: payer, sourceOwner: payer, destination: account, amount: excess };
    payLamports(ledger, instruction.index, payment, payer === ledger.wallet);
  }
  // The wallet itself can be the "new" account: then it gets data, and is handed to the program.
  if (account !== ledger.wallet) return;
  if (space > 0n) giveData(ledger, instruction, account);
  handOver(ledger, instruction, account);
}

function assign(ledger: Ledger, instruction: KnownInstruction): void {
  handOver(ledger, instruction, accountIn(instruction, 'account'));
}

function handOver(ledger: Ledger, instruction: KnownInstruction, account: Address): void {
  ledger.effects.authorityChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: 'system_assign',
    account,
    from: SYSTEM_PROGRAM,
    to: addressIn(instruction, 'program'),
  });
}

function allocate(ledger: Ledger, instruction: KnownInstruction): void {
  giveData(ledger, instruction, accountIn(instruction, 'account'));
}

/** An account with data can no longer pay by System transfers, so it counts as a change of control. */
function giveData(ledger: Ledger, instruction: KnownInstruction, account: Address): void {
  ledger.effects.authorityChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: 'system_allocate',
    account,
    from: SYSTEM_PROGRAM,
    to: SYSTEM_PROGRAM,
  });
}
