// Owns what the Config program's instruction does.
import type { ConfigInstructionName } from '../transaction/programs/config.ts';
import type { InstructionEffect } from './instruction-effect.ts';
import { accountIn } from './instruction-parts.ts';

export const CONFIG_EFFECTS = {
  store: {
    says: 'writes the keys and contents of a config account: `operations`, `data_addresses`',
    apply: (ledger, instruction) => {
      const account = accountIn(instruction, 'config_account');
      const operation = { instruction: instruction.index, basis: ledger.basis, kind: 'config_store', account };
      ledger.effects.operations.push(operation);
    },
  },
} satisfies Record<ConfigInstructionName, InstructionEffect>;
