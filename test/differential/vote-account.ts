// Owns making vote accounts on a test's chain, and the bytes of Vote instructions, for which no client is published.
import { type AccountMeta, AccountRole, createNoopSigner, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import type { Address } from '../../gateway/core/address.ts';
import { decodeBase58 } from '../../gateway/core/base58.ts';
import { rentExemption } from '../../gateway/core/effects/rent.ts';
import { CLOCK_SYSVAR, RENT_SYSVAR, VOTE_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { run, type Scene } from './keeping-scene.ts';

export const VOTE_ACCOUNT_SIZE = 3762n;

export function key(address: Address): readonly number[] {
  return [...(decodeBase58(address) ?? [])];
}

export function voteInstruction(
  opcode: number,
  accounts: readonly (readonly [Address, AccountRole])[],
  data: readonly number[] = [],
): Instruction {
  return {
    programAddress: VOTE_PROGRAM,
    accounts: accounts.map(([address, role]): AccountMeta => ({ address, role })),
    data: Uint8Array.from([opcode, 0, 0, 0, ...data]),
  };
}

/** One key is validator, voter and withdrawer of it. Answers the effects of its making. */
export function createVoteAccount(scene: Scene, address: Address, owner: Address, extraLamports = 0n) {
  const create = system.getCreateAccountInstruction({
    payer: createNoopSigner(scene.wallet),
    newAccount: createNoopSigner(address),
    lamports: rentExemption(VOTE_ACCOUNT_SIZE) + extraLamports,
    space: VOTE_ACCOUNT_SIZE,
    programAddress: VOTE_PROGRAM,
  });
  return run(scene, [create, initializeVote(address, owner)]).effects;
}

export function initializeVote(address: Address, owner: Address): Instruction {
  const accounts = [
    [address, AccountRole.WRITABLE],
    [RENT_SYSVAR, AccountRole.READONLY],
    [CLOCK_SYSVAR, AccountRole.READONLY],
    [owner, AccountRole.READONLY_SIGNER],
  ] as const;
  return voteInstruction(0, accounts, [...key(owner), ...key(owner), ...key(owner), 10]);
}
