// Owns the policy input as a plain document: slow and obvious, the reference that tests hold the fast builder against.
import { getBase64Decoder } from '@solana/kit';
import type { CanonicalValue } from '../canonical-json.ts';
import type { PolicyFacts } from '../policy-input.ts';
import type { DecodedInstruction } from '../transaction/decoded-transaction.ts';

type Fact =
  | string
  | bigint
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Fact[]
  | { readonly [name: string]: Fact };

/** The document whose canonical JSON `buildPolicyInput` must write. */
export function referenceDocument(facts: PolicyFacts): CanonicalValue {
  const { request, agent, wallet, transaction, effects, context } = facts;
  return {
    v: 1n,
    request: {
      id: request.id,
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
      lifetime: snakeCase({ ...transaction.lifetime }),
      size: BigInt(transaction.compiled.size),
      instructions: transaction.instructions.map(instructionDocument),
    },
    effects: snakeCase(Object.fromEntries(Object.entries(effects))),
    context,
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
  const present = Object.entries(instruction.arguments).filter(([, value]) => value !== null);
  return {
    ...shared,
    program_name: instruction.programName,
    name: instruction.name,
    arguments: Object.fromEntries(present),
  };
}

function snakeCase(fact: Fact): CanonicalValue {
  if (typeof fact === 'number') return BigInt(fact);
  if (fact === null || typeof fact !== 'object') return fact;
  if (fact instanceof Uint8Array) throw new Error('bytes have no place here');
  if (isList(fact)) return fact.map(snakeCase);
  const present = Object.entries(fact).filter(([, value]) => value !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), snakeCase(value)]),
  );
}

function isList(fact: object): fact is readonly Fact[] {
  return Array.isArray(fact);
}
