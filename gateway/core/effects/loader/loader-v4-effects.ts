// Owns what the fourth loader's instructions do, and those of the first two, which no runtime executes any more.
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import type { LoaderV2InstructionName } from '../../transaction/programs/loader/loader-v2.ts';
import type { LoaderV4InstructionName } from '../../transaction/programs/loader/loader-v4.ts';
import type { InstructionEffect } from '../instruction-effect.ts';
import { accountIn, integerIn, optionalAccountIn } from '../instruction-parts.ts';
import type { Ledger } from '../ledger.ts';
import { rentExemption } from '../rent.ts';
import {
  changeProgramAuthority,
  closeLoaderAccount,
  operateOnProgram,
  payFromLoader,
  requireLamports,
  requireOwnDestination,
} from './loader-accounts.ts';

/** Bytes in front of the program in its account (LoaderV4State::program_data_offset). */
const PROGRAM_HEADER = 48n;

export const LOADER_V2_EFFECTS = {
  write: operation('program_write', 'writes a part of a program; the runtime refuses it today'),
  finalize: operation('program_finalize', 'makes a program executable; the runtime refuses it today'),
} satisfies Record<LoaderV2InstructionName, InstructionEffect>;

export const LOADER_V4_EFFECTS = {
  write: operation('program_write', 'writes a part of a program'),
  copy: operation('program_copy', 'copies a part of one program into another'),
  set_program_length: {
    says: 'makes room for a program, or closes it; lamports above the rent go to the recipient: `operations`, `closes`, `transfers`',
    apply: setProgramLength,
  },
  deploy: operation('program_deploy', 'makes a program executable'),
  retract: operation('program_retract', 'takes a program out of service'),
  transfer_authority: {
    says: 'gives a program to another authority: `authority_changes`',
    apply: (ledger, instruction) => {
      changeAuthority(ledger, instruction, 'new_authority');
    },
  },
  finalize: {
    says: 'no authority can change the program any more: `operations`, `authority_changes`',
    apply: (ledger, instruction) => {
      operateOnProgram(ledger, instruction, 'program_finalize', accountIn(instruction, 'program'));
      changeAuthority(ledger, instruction, null);
    },
  },
} satisfies Record<LoaderV4InstructionName, InstructionEffect>;

function operation(kind: string, says: string): InstructionEffect {
  return {
    says: `${says}: \`operations\``,
    apply: (ledger, instruction) => operateOnProgram(ledger, instruction, kind, accountIn(instruction, 'program')),
  };
}

function changeAuthority(ledger: Ledger, instruction: KnownInstruction, newAuthority: string | null): void {
  changeProgramAuthority(ledger, instruction, {
    kind: 'program_upgrade_authority',
    account: accountIn(instruction, 'program'),
    from: accountIn(instruction, 'authority'),
    to: newAuthority === null ? null : accountIn(instruction, newAuthority),
  });
}

/** Length zero closes the program. Without a recipient lamports above the rent stay where they are. */
function setProgramLength(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'program');
  const authority = accountIn(instruction, 'authority');
  const destination = optionalAccountIn(instruction, 'recipient');
  const size = integerIn(instruction, 'new_size');
  operateOnProgram(ledger, instruction, size === 0n ? 'program_close' : 'program_set_length', source);
  ledger.rentHolders.set(source, authority);
  if (destination === null) return;
  if (size === 0n) {
    closeLoaderAccount(ledger, instruction, { source, authority, destination });
    return;
  }
  requireOwnDestination(ledger, instruction, { source, authority, destination });
  const excess = requireLamports(ledger, source, instruction.index) - rentExemption(PROGRAM_HEADER + size);
  if (excess > 0n) payFromLoader(ledger, instruction, { source, authority, destination, amount: excess });
}
