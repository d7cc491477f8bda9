// Owns the methods that only a local chain has, for tests: faults, and time that passes at once.
import type { Faults } from './faults.ts';
import type { Methods } from './methods/method.ts';
import { addressAt, base64Bytes, listAt, u64At } from './params.ts';
import { invalidParams } from './rpc-error.ts';

/** More would leave the range of dates that the clock sysvar and clients can hold. */
const MAX_ADVANCE = 100_000_000n;

export function controlMethods(faults: Faults): Methods {
  return {
    /** [{kind: hang | rateLimit | serverError | loseAnswer, method?: string, times?: number}] */
    localnet_setFault: (_chain, params) => {
      faults.set(params[0]);
      return true;
    },
    localnet_clearFaults: (_chain, params) => {
      listAt(params, 'params', 0);
      faults.clear();
      return true;
    },
    /** [slots]: that many slots pass at once; answers the new slot. Blockhashes age and transactions finalize. */
    localnet_advanceSlots: (chain, params) => {
      const slots = u64At(params[0], 'slots');
      if (slots > MAX_ADVANCE) throw invalidParams(`slots must be at most ${MAX_ADVANCE}`);
      chain.clock.skip(slots);
      chain.advance();
      return chain.clock.slot('processed');
    },
    /** [address, base64 of an ELF file]: a program stands there at once. What is no such file may end the process. */
    localnet_addProgram: (chain, params) => {
      const elf = params[1];
      if (typeof elf !== 'string') throw invalidParams('the second parameter must be an ELF file in base64');
      chain.svm.addProgram(addressAt(params[0], 'address'), base64Bytes(elf, 'ELF file'));
      return true;
    },
  };
}
