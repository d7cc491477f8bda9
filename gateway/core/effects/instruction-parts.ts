// Owns taking an account or an argument out of a named instruction; a decoder that left one out is a fault of ours.
import type { Address } from '../address.ts';
import { parseAddress } from '../base58.ts';
import type { AccountInRole, KnownInstruction } from '../transaction/decoded-transaction.ts';

/** Throws when the decoder named no such role. */
export function accountIn(instruction: KnownInstruction, role: string): Address {
  const address = optionalAccountIn(instruction, role);
  if (address === null) throw new Error(`${instruction.name} was decoded without ${role}`);
  return address;
}

export function optionalAccountIn(instruction: KnownInstruction, role: string): Address | null {
  return roleIn(instruction, role)?.address ?? null;
}

/** Throws when the decoder read no such integer. */
export function integerIn(instruction: KnownInstruction, name: string): bigint {
  const value = instruction.arguments[name];
  if (typeof value !== 'bigint') throw new Error(`${instruction.name} was decoded without ${name}`);
  return value;
}

/** `null` where an optional integer is none. */
export function optionalIntegerIn(instruction: KnownInstruction, name: string): bigint | null {
  return instruction.arguments[name] == null ? null : integerIn(instruction, name);
}

/** Throws when the decoder read no such address. */
export function addressIn(instruction: KnownInstruction, name: string): Address {
  const address = optionalAddressIn(instruction, name);
  if (address === null) throw new Error(`${instruction.name} was decoded without ${name}`);
  return address;
}

/** `null` where an optional address is none. */
export function optionalAddressIn(instruction: KnownInstruction, name: string): Address | null {
  const value = instruction.arguments[name];
  return typeof value === 'string' ? parseAddress(value) : null;
}

/** Whether an address signs, in any role from the given one on. */
export function signsFrom(instruction: KnownInstruction, role: string, address: Address): boolean {
  const from = instruction.accounts.findIndex((account) => account.role === role);
  return instruction.accounts.some((account, i) => i >= from && account.signer && account.address === address);
}

/** Whether an address signs, in any role at all. */
export function signs(instruction: KnownInstruction, address: Address): boolean {
  return instruction.accounts.some((account) => account.signer && account.address === address);
}

/** The first account that signs. */
export function firstSigner(instruction: KnownInstruction): Address | null {
  return instruction.accounts.find((account) => account.signer)?.address ?? null;
}

function roleIn(instruction: KnownInstruction, role: string): AccountInRole | undefined {
  return instruction.accounts.find((account) => account.role === role);
}
