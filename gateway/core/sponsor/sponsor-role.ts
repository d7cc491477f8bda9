// Owns that the gateway's own fee payer is nothing but the fee payer of what it pays for: no instruction may name it, in any way.
import { decodeBase58 } from '../base58.ts';
import type { Effects } from '../effects/effects.ts';
import type { AccountReference, DecodedInstruction, KnownInstruction } from '../transaction/decoded-transaction.ts';
import { ASSOCIATED_TOKEN_PROGRAM, SYSTEM_PROGRAM } from '../transaction/programs/program-ids.ts';
import type { SponsorTerms } from './sponsor-terms.ts';
import type { SponsoredActs } from './sponsored-acts.ts';

/** Where the fee payer stands and must not. Positions count from zero. */
export type Misuse =
  | { readonly where: 'instruction'; readonly instruction: number; readonly program: string; readonly role: string }
  | { readonly where: 'inner_instruction'; readonly instruction: number; readonly program: string }
  | { readonly where: 'instruction_data'; readonly instruction: number; readonly program: string }
  | { readonly where: 'lookup_table' }
  /** `effect`: its name and the field, as `creations.payer`. */
  | { readonly where: 'effect'; readonly effect: string };

type Role = Pick<SponsorTerms, 'address' | 'accountRent'>;

/** The first place where it is more than the fee payer; `null`: it is nothing else. */
export function misuseOf(sponsor: Role, acts: SponsoredActs): Misuse | null {
  const rented = rentedBy(sponsor, acts);
  return (
    loadedFromTable(sponsor, acts) ??
    namedByInstruction(sponsor, acts, rented) ??
    namedInside(sponsor, acts, rented) ??
    namedInData(sponsor, acts) ??
    namedInEffects(sponsor, acts, rented)
  );
}

/** Positions of the instructions in which it may be the payer: an associated token account is opened for whomever, and it for nothing else. */
function rentedBy({ address, accountRent }: Role, { decoded }: SponsoredActs): ReadonlySet<number> {
  if (accountRent === 'none') return new Set();
  return new Set(
    decoded.instructions
      .filter((instruction) => instruction.kind === 'known' && isAssociatedCreate(instruction))
      .filter(({ accounts }) => accounts[0]?.address === address)
      .map(({ index }) => index),
  );
}

function isAssociatedCreate({ program, name }: KnownInstruction): boolean {
  return program === ASSOCIATED_TOKEN_PROGRAM && (name === 'create' || name === 'create_idempotent');
}

function loadedFromTable({ address }: Role, { decoded: { accounts, compiled } }: SponsoredActs): Misuse | null {
  const loaded = accounts.slice(compiled.staticAccounts.length);
  return loaded.some((account) => account.address === address) ? { where: 'lookup_table' } : null;
}

function namedByInstruction(sponsor: Role, { decoded }: SponsoredActs, rented: ReadonlySet<number>): Misuse | null {
  const { address } = sponsor;
  for (const top of decoded.instructions) {
    const { index: instruction } = top;
    for (const part of withParts(top)) {
      const { program, accounts } = part;
      if (program === address) return { where: 'instruction', instruction, program, role: 'program' };
      const isPayer = part === top && rented.has(instruction);
      const named = accounts.find((account, at) => account.address === address && !(isPayer && at === 0));
      if (named !== undefined) return { where: 'instruction', instruction, program, role: roleOf(named) };
    }
  }
  return null;
}

/** What the Associated Token Account program does with its payer is known: the System program takes the rent from it. */
function namedInside({ address }: Role, { ran }: SponsoredActs, rented: ReadonlySet<number>): Misuse | null {
  for (const { depth, instruction: inner } of ran) {
    if (depth === 1) continue;
    const { index: instruction, program } = inner;
    if (rented.has(instruction) && depth === 2 && program === SYSTEM_PROGRAM) continue;
    const named = withParts(inner).some((part) => part.accounts.some((account) => account.address === address));
    if (named || program === address) return { where: 'inner_instruction', instruction, program };
  }
  return null;
}

/** In arguments, and anywhere among the bytes: what a program that nobody can read does with them is its own affair. */
function namedInData({ address }: Role, { decoded, effects, ran }: SponsoredActs): Misuse | null {
  const programAt = (instruction: number): string => decoded.instructions[instruction]?.program ?? '';
  for (const { dataAddresses } of effects) {
    const named = dataAddresses.find((found) => found.address === address);
    if (named !== undefined) {
      const { instruction } = named;
      return { where: 'instruction_data', instruction, program: programAt(instruction) };
    }
  }
  const key = decodeBase58(address);
  const all = [...decoded.instructions, ...ran.map(({ instruction }) => instruction)];
  const holder = all.find(({ data }) => key !== null && contains(data, key));
  return holder === undefined
    ? null
    : { where: 'instruction_data', instruction: holder.index, program: holder.program };
}

/** Any field of any effect, but that it pays the fee, and the rent where it may. */
function namedInEffects({ address }: Role, { effects }: SponsoredActs, rented: ReadonlySet<number>): Misuse | null {
  for (const { fee: _, ...others } of effects) {
    for (const [name, list] of Object.entries(withoutRent(others, address, rented))) {
      const field = fieldWith(list, address);
      if (field !== null) return { where: 'effect', effect: field === '' ? name : `${name}.${field}` };
    }
  }
  return null;
}

function withoutRent(
  effects: Omit<Effects, 'fee'>,
  address: string,
  rented: ReadonlySet<number>,
): Readonly<Record<string, unknown>> {
  const creations = effects.creations.map(({ payer, ...made }) =>
    payer === address && made.kind === 'new' && rented.has(made.instruction) ? made : { payer, ...made },
  );
  return { ...effects, creations };
}

/** Path of the first field with this text, without positions in lists; `null`: there is none. */
function fieldWith(value: unknown, text: string): string | null {
  if (value === text) return '';
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const field = fieldWith(part, text);
    if (field !== null) return Array.isArray(value) ? field : field === '' ? name : `${name}.${field}`;
  }
  return null;
}

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  const [first = 0] = part;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

function withParts(instruction: DecodedInstruction): readonly DecodedInstruction[] {
  const parts = instruction.kind === 'known' ? instruction.parts : [];
  return [instruction, ...parts.flatMap(withParts)];
}

function roleOf(account: AccountReference): string {
  return 'role' in account && typeof account.role === 'string' ? account.role : 'account';
}
