// Owns wrapping an instruction so that the proxy program passes it on.
import { AccountRole, type Address, type Instruction } from '@solana/kit';

/** The same instruction, called by the proxy at `proxy`. With `gate`, through a gated one. */
export function through(proxy: Address, instruction: Instruction, gate: Address | null = null): Instruction {
  const { programAddress, accounts = [], data = new Uint8Array() } = instruction;
  const gates = gate === null ? [] : [{ address: gate, role: AccountRole.READONLY }];
  return {
    programAddress: proxy,
    accounts: [{ address: programAddress, role: AccountRole.READONLY }, ...gates, ...accounts],
    data,
  };
}
