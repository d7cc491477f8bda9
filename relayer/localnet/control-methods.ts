// Owns the methods that only a local chain has, for tests: faults, time that passes at once, and accounts that stand there at once.
import * as internal from 'litesvm/dist/internal.js';
import { isRecord } from '../json-exact.ts';
import type { Faults } from './faults.ts';
import type { Methods } from './methods/method.ts';
import { addressAt, base64Bytes, listAt, u64At } from './params.ts';
import { invalidParams } from './rpc-error.ts';

/** More would leave the range of dates that the clock sysvar and clients can hold. */
const MAX_ADVANCE = 100_000_000n;
/** The rent epoch of an account that pays no rent. */
const U64_MAX = 0xffff_ffff_ffff_ffffn;

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
    /** []: everything that landed before the finalized slot is forgotten, as by a node that keeps little history. */
    localnet_pruneHistory: (chain, params) => {
      listAt(params, 'params', 0);
      chain.landed.prune(chain.clock.slot('finalized'));
      return chain.landed.knownFrom();
    },
    /** [address, base64 of an ELF file]: a program stands there at once. What is no such file may end the process. */
    localnet_addProgram: (chain, params) => {
      const elf = params[1];
      if (typeof elf !== 'string') throw invalidParams('the second parameter must be an ELF file in base64');
      chain.svm.addProgram(addressAt(params[0], 'address'), base64Bytes(elf, 'ELF file'));
      return true;
    },
    /** [address, {owner, lamports, data: base64}]: an account stands there at once, whatever stood there before. */
    localnet_setAccount: (chain, params) => {
      const [address, account] = params;
      if (!isRecord(account)) throw invalidParams('the second parameter must be an account: {owner, lamports, data}');
      const { owner, lamports, data } = account;
      if (typeof data !== 'string') throw invalidParams('data must be bytes in base64');
      const state = [u64At(lamports, 'lamports'), base64Bytes(data, 'data'), addressAt(owner, 'owner')] as const;
      chain.svm.setAccount(addressAt(address, 'address'), new internal.Account(...state, false, U64_MAX));
      return true;
    },
  };
}
