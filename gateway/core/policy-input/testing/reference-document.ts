// Owns the policy input as a plain document: slow and obvious, the reference that tests hold the fast builder against.
import { getBase64Decoder } from '@solana/kit';
import type { CanonicalValue } from '../../canonical-json.ts';
import type { PolicyFacts } from '../../policy-input.ts';
import type { Simulation } from '../../simulation/simulation.ts';
import type { ArgumentValue, DecodedInstruction } from '../../transaction/decoded-transaction.ts';

/** The document whose canonical JSON `buildPolicyInput` must write. */
export function referenceDocument(facts: PolicyFacts): CanonicalValue {
  const { request, agent, wallet, transaction, effects, simulation, chain, context } = facts;
  return {
    v: 1n,
    request: {
      id: request.id,
      local_times: localTimesDocument(request.localTimes),
      method: request.method,
      time: new Date(request.time).toISOString(),
      time_unix_ms: BigInt(request.time),
    },
    agent: { id: agent.id },
    wallet: { id: wallet.id, address: wallet.address },
    transaction: {
      version: String(transaction.compiled.version),
      fee_payer: transaction.feePayer,
      signers: transaction.signers.map(({ address, signed }) => ({ address, signed })),
      lifetime: snakeCase(transaction.lifetime),
      size: BigInt(transaction.compiled.size),
      instructions: transaction.instructions.map(instructionDocument),
    },
    effects: snakeCase(effects),
    simulation: simulationDocument(simulation),
    chain: snakeCase(chain),
    context,
  };
}

function localTimesDocument(times: PolicyFacts['request']['localTimes']): CanonicalValue {
  return Object.fromEntries(Object.entries(times).map(([zone, time]) => [zone, snakeCase(time)]));
}

function simulationDocument(simulation: Simulation): CanonicalValue {
  if (simulation.status !== 'succeeded') return snakeCase(simulation);
  const { instructions, effects, ...flat } = simulation;
  return {
    ...Object.fromEntries(Object.entries(flat).map(([name, value]) => [inSnakeCase(name), snakeCase(value)])),
    complete: simulation.missing.length === 0,
    diverges: simulation.divergences.length > 0,
    effects: snakeCase(effects),
    instructions: instructions.map(({ depth, instruction }) => ({
      depth: BigInt(depth),
      instruction: instructionDocument(instruction),
    })),
  };
}

function instructionDocument(instruction: DecodedInstruction): CanonicalValue {
  const { index, kind, program, programName } = instruction;
  const accounts = instruction.accounts.map((account) => ({ ...account }));
  const shared = { index: BigInt(index), kind, program, accounts };
  if (instruction.kind === 'unknown') {
    const data = getBase64Decoder().decode(instruction.data);
    return programName === null ? { ...shared, data } : { ...shared, data, program_name: programName };
  }
  const parts = instruction.kind === 'known' ? instruction.parts : [];
  return {
    ...shared,
    program_name: instruction.programName,
    name: instruction.name,
    arguments: withoutNulls(instruction.arguments),
    ...(Object.keys(instruction.texts).length === 0 ? {} : { texts: instruction.texts }),
    ...(parts.length === 0 ? {} : { parts: parts.map(instructionDocument) }),
  };
}

/** Names as they are; null only in lists. */
function withoutNulls(value: ArgumentValue): CanonicalValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(present.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** Names in snake case, whole numbers as bigint, and what is null left out. */
function snakeCase(fact: unknown): CanonicalValue {
  if (typeof fact === 'number') return BigInt(fact);
  if (typeof fact === 'string' || typeof fact === 'bigint' || typeof fact === 'boolean') return fact;
  if (Array.isArray(fact)) return fact.map(snakeCase);
  if (typeof fact !== 'object' || fact === null) throw new Error(`${typeof fact} has no place here`);
  const present = Object.entries(fact).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([name, value]) => [inSnakeCase(name), snakeCase(value)]));
}

function inSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}
