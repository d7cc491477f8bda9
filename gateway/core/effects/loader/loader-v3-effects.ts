// Owns what the upgradeable loader's instructions do: programs, their buffers, their authorities and their lamports.
import type { Address } from '../../address.ts';
import { addressAt } from '../../base58.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import type { LoaderV3InstructionName } from '../../transaction/programs/loader/loader-v3.ts';
import { LOADER_V3_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { recordRent } from '../account-rent.ts';
import type { AccountCreation } from '../effects.ts';
import type { InstructionEffect } from '../instruction-effect.ts';
import { accountIn, integerIn, optionalAccountIn } from '../instruction-parts.ts';
import { type Ledger, lookUp, moveLamports } from '../ledger.ts';
import { rentExemption } from '../rent.ts';
import {
  changeProgramAuthority,
  closeLoaderAccount,
  operateOnProgram,
  payFromLoader,
  requireLamports,
} from './loader-accounts.ts';

/** Bytes in front of the program in its data account (UpgradeableLoaderState::size_of_programdata_metadata). */
const PROGRAM_DATA_HEADER = 45n;

/** Where a program's data account says whether it has an authority, which follows. */
const HAS_AUTHORITY = 12;

/** First byte of an account that is not initialized yet, and of a buffer (UpgradeableLoaderState). */
const BUFFER_STATES: readonly (number | undefined)[] = [0, 1];

const SET_AUTHORITY: InstructionEffect = {
  says: 'gives a buffer or a program to another authority, or to none for good: `authority_changes`',
  apply: (ledger, instruction) => {
    const account = accountIn(instruction, 'buffer_or_program_data_account');
    changeProgramAuthority(ledger, instruction, {
      kind: isBuffer(ledger, account) ? 'program_buffer_authority' : 'program_upgrade_authority',
      account,
      from: accountIn(instruction, 'current_authority'),
      to: optionalAccountIn(instruction, 'new_authority'),
    });
  },
};

const EXTEND: InstructionEffect = {
  says: 'more room for a program, its rent paid by the payer: `operations`, `creations`',
  apply: extendProgram,
};

export const LOADER_V3_EFFECTS = {
  initialize_buffer: {
    says: 'a new buffer for a program: `operations`',
    apply: (ledger, instruction) => {
      const buffer = accountIn(instruction, 'source_account');
      operateOnProgram(ledger, instruction, 'program_buffer_initialize', buffer);
      ledger.rentHolders.set(buffer, accountIn(instruction, 'buffer_authority'));
    },
  },
  write: {
    says: 'writes a part of a program into its buffer: `operations`',
    apply: (ledger, instruction) =>
      operateOnProgram(ledger, instruction, 'program_buffer_write', accountIn(instruction, 'buffer_account')),
  },
  deploy_with_max_data_len: {
    says: "a new program; the buffer's lamports go to the payer, who pays the rent: `operations`, `creations`, `closes`, `transfers`",
    apply: deployProgram,
  },
  upgrade: {
    says: "replaces a program; the buffer's lamports go to the spill account: `operations`, `closes`, `transfers`",
    apply: upgradeProgram,
  },
  set_authority: SET_AUTHORITY,
  set_authority_checked: SET_AUTHORITY,
  close: { says: 'ends a buffer or a program: `operations`, `closes`, its lamports in `transfers`', apply: close },
  extend_program: EXTEND,
  extend_program_checked: EXTEND,
  migrate: {
    says: 'moves a program to the next loader: `operations`, `closes`, `transfers`',
    apply: (ledger, instruction) => {
      const program = accountIn(instruction, 'program_account');
      operateOnProgram(ledger, instruction, 'program_migrate', program);
      const source = accountIn(instruction, 'program_data_account');
      const authority = accountIn(instruction, 'authority');
      closeLoaderAccount(ledger, instruction, { source, authority, destination: program });
    },
  },
} satisfies Record<LoaderV3InstructionName, InstructionEffect>;

function deployProgram(ledger: Ledger, instruction: KnownInstruction): void {
  const payer = accountIn(instruction, 'payer_account');
  const account = accountIn(instruction, 'program_data_account');
  operateOnProgram(ledger, instruction, 'program_deploy', accountIn(instruction, 'program_account'));
  drainBuffer(ledger, instruction, payer);
  const rentLamports = rentExemption(PROGRAM_DATA_HEADER + integerIn(instruction, 'max_data_len'));
  payRent(ledger, instruction, { kind: 'new', account, payer, rentLamports });
  for (const kept of [account, accountIn(instruction, 'program_account')]) {
    ledger.rentHolders.set(kept, accountIn(instruction, 'authority'));
  }
}

/** The buffer fills the program's data account up to its rent exemption; what either has above goes to the spill account. */
function upgradeProgram(ledger: Ledger, instruction: KnownInstruction): void {
  const { index } = instruction;
  operateOnProgram(ledger, instruction, 'program_upgrade', accountIn(instruction, 'program_account'));
  const programData = accountIn(instruction, 'program_data_account');
  const buffer = accountIn(instruction, 'buffer_account');
  const authority = accountIn(instruction, 'authority');
  const destination = accountIn(instruction, 'spill_account');
  const size = lookUp(ledger, programData)?.data.length ?? 0;
  const surplus = requireLamports(ledger, programData, index) - rentExemption(BigInt(size));
  if (surplus > 0n)
    payFromLoader(ledger, instruction, { source: programData, authority, destination, amount: surplus });
  if (surplus < 0n) {
    const amount = least(requireLamports(ledger, buffer, index), -surplus);
    payFromLoader(ledger, instruction, { source: buffer, authority, destination: programData, amount });
  }
  drainBuffer(ledger, instruction, destination);
}

function drainBuffer(ledger: Ledger, instruction: KnownInstruction, destination: Address): void {
  const source = accountIn(instruction, 'buffer_account');
  closeLoaderAccount(ledger, instruction, { source, authority: accountIn(instruction, 'authority'), destination });
}

/** Of a program its data account is closed. An account that is not initialized yet needs no authority. */
function close(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'buffer_or_program_data_account');
  const destination = accountIn(instruction, 'destination_account');
  if (isBuffer(ledger, source)) {
    operateOnProgram(ledger, instruction, 'program_buffer_close', source);
  } else {
    const program = optionalAccountIn(instruction, 'program_account') ?? source;
    operateOnProgram(ledger, instruction, 'program_close', program);
  }
  closeLoaderAccount(ledger, instruction, {
    source,
    authority: optionalAccountIn(instruction, 'authority'),
    destination,
  });
}

/** The data account is rent exempt already, so no more is paid than the new bytes cost; less where it holds more. */
function extendProgram(ledger: Ledger, instruction: KnownInstruction): void {
  operateOnProgram(ledger, instruction, 'program_extend', accountIn(instruction, 'program_account'));
  const payer = optionalAccountIn(instruction, 'payer');
  if (payer === null) return;
  const account = accountIn(instruction, 'program_data_account');
  const rentLamports = rentExemption(integerIn(instruction, 'additional_bytes')) - rentExemption(0n);
  payRent(ledger, instruction, { kind: 'larger', account, payer, rentLamports });
  ledger.rentHolders.set(account, optionalAccountIn(instruction, 'authority') ?? upgradeAuthority(ledger, account));
}

/** As the chain has it. A program that can never be changed can never be closed either. */
function upgradeAuthority(ledger: Ledger, account: Address): AccountCreation['refundableTo'] {
  const state = lookUp(ledger, account);
  if (!state || state.owner !== LOADER_V3_PROGRAM || state.data.length < Number(PROGRAM_DATA_HEADER)) return account;
  return state.data[HAS_AUTHORITY] === 1 ? addressAt(state.data, HAS_AUTHORITY + 1) : 'nobody';
}

function payRent(
  ledger: Ledger,
  { index }: KnownInstruction,
  rent: Pick<AccountCreation, 'kind' | 'account' | 'payer' | 'rentLamports'>,
): void {
  recordRent(ledger, { instruction: index, ownerProgram: LOADER_V3_PROGRAM, ...rent });
  moveLamports(ledger, rent.payer, rent.account, rent.rentLamports);
}

/** What is not known to be a buffer counts as a program. A buffer cannot become a program's data account: that one is a derived address. */
function isBuffer(ledger: Ledger, account: Address): boolean {
  const initialized = ledger.effects.operations.some(
    (done) => done.kind === 'program_buffer_initialize' && done.account === account,
  );
  if (initialized) return true;
  const state = lookUp(ledger, account);
  return state ? state.owner === LOADER_V3_PROGRAM && BUFFER_STATES.includes(state.data[0]) : false;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
