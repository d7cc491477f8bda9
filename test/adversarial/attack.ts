// Owns how an attack is tested: the gateway denies it for the right reason, and signed nevertheless it would have done harm.
import type { Instruction } from '@solana/kit';
import { expect } from 'vitest';
import { wireTransaction } from '../../tour/transactions.ts';
import type { AttackedGateway } from './attacked-gateway.ts';
import type { Fork } from './fork.ts';

/** Looks at the chain after the transaction landed there; the attacker may go on. */
export type Harm = (fork: Fork) => Promise<void>;

/** A wire transaction, or instructions that the wallet pays for. */
export type Attempt = Uint8Array | readonly Instruction[];

/** `codes`: all reasons of the denial, in any order. */
export async function expectThwarted(
  gateway: AttackedGateway,
  attempt: Attempt,
  codes: readonly string[],
  harm: Harm,
): Promise<void> {
  const wire = attempt instanceof Uint8Array ? attempt : wireTransaction(gateway.scene.wallet, attempt);
  expect((await gateway.verdictOrFault(wire)).toSorted()).toEqual(codes.toSorted());
  const fork = gateway.fork();
  expect(await fork.land(wire)).toBeNull();
  await harm(fork);
}

/** The honest transaction beside an attack: allowed, and it lands. */
export async function expectHonest(gateway: AttackedGateway, attempt: Attempt): Promise<void> {
  const wire = attempt instanceof Uint8Array ? attempt : wireTransaction(gateway.scene.wallet, attempt);
  expect(await gateway.verdictOrFault(wire)).toEqual(['allowed']);
  expect(await gateway.fork().land(wire)).toBeNull();
}
