// Owns which addresses stand only in the data of instructions: new authorities, entries of a lookup table, keys of an assertion.
import { parseAddress } from '../base58.ts';
import type { ArgumentValue, DecodedInstruction } from '../transaction/decoded-transaction.ts';
import type { Basis, DataAddress } from './effects.ts';

const SHORTEST_ADDRESS = 32;
const LONGEST_ADDRESS = 44;

/**
 * Addresses in the arguments of each instruction that are not among its accounts. An argument of bytes that reads like an
 * address is listed too: one name too many is no harm.
 */
export function dataAddresses(instructions: readonly DecodedInstruction[], basis: Basis): readonly DataAddress[] {
  return instructions.flatMap((instruction) => {
    const { index, accounts } = instruction;
    const own = new Set<string>(accounts.map(({ address }) => address));
    return [...addressesIn(instruction)]
      .filter(({ address }) => !own.has(address))
      .map(({ argument, address }) => ({ instruction: index, basis, argument, address }));
  });
}

function* addressesIn(instruction: DecodedInstruction): Generator<Found> {
  if (instruction.kind === 'unknown') return;
  for (const [name, value] of Object.entries(instruction.arguments)) yield* addressesOf(value, name);
  if (instruction.kind === 'known') for (const part of instruction.parts) yield* addressesIn(part);
}

function* addressesOf(value: ArgumentValue, argument: string): Generator<Found> {
  if (typeof value === 'string') {
    const fits = value.length >= SHORTEST_ADDRESS && value.length <= LONGEST_ADDRESS;
    const address = fits ? parseAddress(value) : null;
    if (address !== null) yield { argument, address };
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) yield* addressesOf(part, `${argument}.${name}`);
  }
}

type Found = Pick<DataAddress, 'argument' | 'address'>;
