// Owns a call of a program that nobody knows, and what a simulation may say of it, for tests.
import type { Instruction } from '@solana/kit';
import type { Address } from '../../address.ts';
import type { AccountState } from '../../effects/chain-facts.ts';
import {
  decodeInstructions,
  mintAccount,
  READONLY,
  rawInstruction,
  tokenAccount,
  WRITABLE,
  WRITABLE_SIGNER,
} from '../../effects/testing/judge.ts';
import { ASSOCIATED_TOKEN_PROGRAM, SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import { interpretSimulation } from '../interpret.ts';
import type { Simulation } from '../simulation.ts';
import type { InnerCall } from '../simulation-answer.ts';

export const WALLET = keyAddress(1);
export const PROGRAM = keyAddress(2);
export const HELPER = keyAddress(3);
export const STRANGER = keyAddress(4);
export const SOURCE = keyAddress(5);
export const DESTINATION = keyAddress(6);
export const MINT = keyAddress(7);
export const STATES = new Map<Address, AccountState | null>([
  [WALLET, { owner: SYSTEM_PROGRAM, lamports: 10n ** 9n, data: new Uint8Array() }],
  [SOURCE, tokenAccount({ mint: MINT, owner: WALLET })],
  [DESTINATION, tokenAccount({ mint: MINT, owner: STRANGER })],
  [MINT, mintAccount(6)],
  [STRANGER, null],
]);

/** A call of a program that nobody knows, which may call all of these. */
export const SWAP: Instruction = rawInstruction(
  PROGRAM,
  [
    [WALLET, WRITABLE_SIGNER],
    [SOURCE, WRITABLE],
    [DESTINATION, WRITABLE],
    [STRANGER, WRITABLE],
    [MINT, READONLY],
    [TOKEN_PROGRAM, READONLY],
    [SYSTEM_PROGRAM, READONLY],
    [HELPER, READONLY],
    [ASSOCIATED_TOKEN_PROGRAM, READONLY],
  ],
  [1, 2, 3],
);
/** Of ten tokens, classic and unchecked. */
export const TEN = Uint8Array.of(3, 10, 0, 0, 0, 0, 0, 0, 0);
export const TRANSFER: InnerCall = call(TOKEN_PROGRAM, [SOURCE, DESTINATION, WALLET], TEN);

export type Groups = readonly (readonly [number, readonly InnerCall[]])[];

export interface Around {
  readonly before?: ReadonlyMap<Address, AccountState | null>;
  readonly after?: ReadonlyMap<Address, AccountState | null> | null;
  readonly described?: Parameters<typeof interpretSimulation>[1]['described'];
}

export function interpreted(
  instructions: readonly Instruction[],
  groups: Groups | null,
  around: Around = {},
): Simulation {
  const { before = STATES, after = STATES, described = new Map() } = around;
  const innerCalls = groups?.map(([index, calls]) => ({ index, calls })) ?? null;
  const decoded = decodeInstructions(WALLET, instructions);
  return interpretSimulation(
    { status: 'succeeded', slot: 1n, unitsConsumed: 100n, innerCalls, postStates: after },
    { decoded, wallet: WALLET, facts: { slot: 1n, accounts: before }, described },
  );
}

export function simulated(instructions: readonly Instruction[], groups: Groups | null, around: Around = {}) {
  const simulation = interpreted(instructions, groups, around);
  if (simulation.status !== 'succeeded') throw new Error(JSON.stringify(simulation));
  return simulation;
}

export function call(program: Address, accounts: readonly Address[], data: Iterable<number>): InnerCall {
  return { form: 'resolved', stackHeight: 2, program, accounts, data: Uint8Array.from(data) };
}
