// Owns what the extensions of a new mint change for the instructions after them, and what changes a mint's hook.
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { TOKEN_2022_PROGRAM } from '../../transaction/programs/program-ids.ts';
import type { InstructionEffect } from '../instruction-effect.ts';
import { integerIn, optionalAddressIn } from '../instruction-parts.ts';
import type { Ledger } from '../ledger.ts';
import { knownMint } from './mint-facts.ts';
import { type Mint, plainMint } from './mint-state.ts';
import type { ExtensionName } from './token-extensions.ts';
import { recordMovedRight, recordOperation, subjectOf } from './token-operation-effects.ts';

type Settings = Partial<Omit<Mint, 'extensions' | 'tokenProgram' | 'decimals'>>;

/** The program refuses it once the mint is initialized, so it costs nobody anything; what the mint is like then stands in `mints`. */
export function newExtension(
  name: ExtensionName,
  settings: (instruction: KnownInstruction) => Settings = () => ({}),
): InstructionEffect {
  return {
    says: 'gives a new mint an extension: `mints`, once it is used',
    apply: (ledger, instruction) => {
      const address = subjectOf(instruction);
      const mint = ledger.unfinishedMints.get(address) ?? plainMint(TOKEN_2022_PROGRAM, 0);
      const extensions = [...mint.extensions, name];
      ledger.unfinishedMints.set(address, { ...mint, ...settings(instruction), extensions });
    },
  };
}

export function closeAuthoritySetting(instruction: KnownInstruction): Settings {
  return { closeAuthority: optionalAddressIn(instruction, 'close_authority') };
}

export function permanentDelegateSetting(instruction: KnownInstruction): Settings {
  return { permanentDelegate: optionalAddressIn(instruction, 'delegate') };
}

export function transferHookSetting(instruction: KnownInstruction): Settings {
  const program = optionalAddressIn(instruction, 'program_id');
  return { transferHook: { program, authority: optionalAddressIn(instruction, 'authority') } };
}

export function transferFeeSetting(instruction: KnownInstruction): Settings {
  const basisPoints = Number(integerIn(instruction, 'transfer_fee_basis_points'));
  return { transferFees: [{ basisPoints, maximum: integerIn(instruction, 'maximum_fee') }] };
}

/** From now on the mint calls another program on each transfer, or none. */
export function updateTransferHook(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'mint_transfer_hook_update');
  recordMovedRight(ledger, instruction, 'transfer_hook_program', 'program_id');
  const address = subjectOf(instruction);
  const mint = knownMint(ledger, address);
  if (mint === null || mint.transferHook === null) return;
  const program = optionalAddressIn(instruction, 'program_id');
  ledger.mints.set(address, { ...mint, transferHook: { ...mint.transferHook, program } });
}
