// Owns the shape of an attack on the victim that stands in a table, and the usual ways in which it does harm.
import type { Address, Instruction } from '@solana/kit';
import { expect } from 'vitest';
import type { Harm } from './attack.ts';
import type { Victim } from './victim.ts';

/** `codes`: all reasons of the denial. */
export type Plot = readonly [
  name: string,
  instructions: (victim: Victim) => Instruction[] | Promise<Instruction[]>,
  codes: readonly string[],
  harm: (victim: Victim) => Harm,
];

/** In the end a token account holds so many. */
export function holdsTokens(account: Address, amount: bigint): Harm {
  return async (fork) => expect(await fork.tokens(account)).toBe(amount);
}

/** In the end an address has so many more than on the chain of the gateway. */
export function gainsLamports({ gateway }: Pick<Victim, 'gateway'>, address: Address, amount: bigint): Harm {
  return async (fork) => {
    const before = (await gateway.account(address))?.lamports ?? 0n;
    expect((await fork.lamports(address)) - before).toBe(amount);
  };
}
