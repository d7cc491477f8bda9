import { AddressLookupTableInstruction } from '@solana-program/address-lookup-table';
import { ComputeBudgetInstruction } from '@solana-program/compute-budget';
import { LoaderV3Instruction } from '@solana-program/loader-v3';
import { MemoInstruction } from '@solana-program/memo';
import { StakeInstruction } from '@solana-program/stake';
import { SystemInstruction } from '@solana-program/system';
import { AssociatedTokenInstruction, TokenInstruction } from '@solana-program/token';
import {
  AssociatedTokenInstruction as AssociatedToken2022Instruction,
  Token2022Instruction,
} from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import { NATIVE_PROGRAMS } from './decode-instruction.ts';

interface PublishedList {
  /** The enum of a generated client. */
  readonly instructions: Readonly<Record<string, string | number>>;
  /** Names that the client spells otherwise. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Instructions that the runtime refuses since they were removed. */
  readonly removed?: readonly string[];
  /** Instructions of ours that the client does not have. */
  readonly more?: readonly string[];
}

const ASSOCIATED = {
  create_associated_token: 'create',
  create_associated_token_idempotent: 'create_idempotent',
  recover_nested_associated_token: 'recover_nested',
};

const PUBLISHED: readonly (readonly [program: string, list: PublishedList])[] = [
  [
    'system',
    {
      instructions: SystemInstruction,
      renamed: { transfer_sol: 'transfer', transfer_sol_with_seed: 'transfer_with_seed' },
    },
  ],
  ['spl_token', { instructions: TokenInstruction }],
  ['token_2022', { instructions: Token2022Instruction }],
  ['associated_token_account', { instructions: AssociatedTokenInstruction, renamed: ASSOCIATED }],
  ['associated_token_account', { instructions: AssociatedToken2022Instruction, renamed: ASSOCIATED }],
  ['compute_budget', { instructions: ComputeBudgetInstruction, removed: ['request_units'] }],
  ['memo', { instructions: MemoInstruction }],
  ['stake', { instructions: StakeInstruction }],
  ['address_lookup_table', { instructions: AddressLookupTableInstruction }],
  // These two stood in the interface up to its version 7, and run where their features are active.
  ['loader_v3', { instructions: LoaderV3Instruction, more: ['migrate', 'extend_program_checked'] }],
];

describe('every instruction that the published client has is decoded, and no other but those listed here:', () => {
  it.each(PUBLISHED)('%s', (program, { instructions, renamed = {}, removed = [], more = [] }) => {
    const published = memberNames(instructions)
      .map(snakeCase)
      .filter((name) => !removed.includes(name))
      .map((name) => renamed[name] ?? name);
    const native = NATIVE_PROGRAMS.find(({ name }) => name === program);
    expect(published.length).toBeGreaterThan(0);
    expect(Object.keys(native?.instructions ?? {}).sort()).toEqual([...published, ...more].sort());
  });
});

/** An enum of numbers maps both ways. */
function memberNames(members: PublishedList['instructions']): readonly string[] {
  return Object.keys(members).filter((name) => Number.isNaN(Number(name)));
}

function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
