// Owns the `transaction` part of a policy input. Keys stand in code point order.
import { assertNever } from '../assert-never.ts';
import { encodeBase64 } from '../base64.ts';
import { type CanonicalValue, canonicalJson } from '../canonical-json.ts';
import type {
  AccountInRole,
  AccountReference,
  ArgumentValue,
  DecodedInstruction,
  DecodedTransaction,
  DescribedInstruction,
  KnownInstruction,
  Lifetime,
  RequiredSigner,
} from '../transaction/decoded-transaction.ts';
import { list, optionalText, text, whole } from './json-text.ts';

export function transactionJson(transaction: DecodedTransaction): string {
  return (
    `{"fee_payer":${text(transaction.feePayer)}` +
    `,"instructions":${list(transaction.instructions, instructionJson)}` +
    `,"lifetime":${lifetimeJson(transaction.lifetime)}` +
    `,"signers":${list(transaction.signers, signerJson)}` +
    `,"size":${whole(transaction.compiled.size)}` +
    `,"version":${text(String(transaction.compiled.version))}}`
  );
}

function lifetimeJson(lifetime: Lifetime): string {
  switch (lifetime.kind) {
    case 'blockhash':
      return `{"blockhash":${text(lifetime.blockhash)},"kind":"blockhash"}`;
    case 'durable_nonce':
      return (
        `{"kind":"durable_nonce","nonce":${text(lifetime.nonce)},"nonce_account":${text(lifetime.nonceAccount)}` +
        `,"nonce_authority":${text(lifetime.nonceAuthority)}}`
      );
    default:
      return assertNever(lifetime);
  }
}

function signerJson(signer: RequiredSigner): string {
  return `{"address":${text(signer.address)},"signed":${signer.signed}}`;
}

export function instructionJson(instruction: DecodedInstruction): string {
  switch (instruction.kind) {
    case 'known': {
      const { parts } = instruction;
      return namedInstructionJson(instruction, parts.length === 0 ? '' : `,"parts":${list(parts, instructionJson)}`);
    }
    case 'described':
      return namedInstructionJson(instruction, '');
    case 'unknown':
      return (
        `{"accounts":${list(instruction.accounts, accountJson)},"data":${text(encodeBase64(instruction.data))}` +
        `,"index":${whole(instruction.index)},"kind":"unknown"` +
        `,"program":${text(instruction.program)}${optionalText('program_name', instruction.programName)}}`
      );
    default:
      return assertNever(instruction);
  }
}

function namedInstructionJson(instruction: KnownInstruction | DescribedInstruction, parts: string): string {
  return (
    `{"accounts":${list(instruction.accounts, accountInRoleJson)}` +
    `,"arguments":${argumentsJson(instruction.arguments)}` +
    `,"index":${whole(instruction.index)},"kind":${text(instruction.kind)},"name":${text(instruction.name)}${parts}` +
    `,"program":${text(instruction.program)},"program_name":${text(instruction.programName)}` +
    `${textsJson(instruction.texts)}}`
  );
}

function textsJson(texts: Readonly<Record<string, string>>): string {
  return Object.keys(texts).length === 0 ? '' : `,"texts":${canonicalJson(texts)}`;
}

function accountInRoleJson(account: AccountInRole): string {
  return (
    `{"address":${text(account.address)},"role":${text(account.role)}` +
    `,"signer":${account.signer},"writable":${account.writable}}`
  );
}

function accountJson(account: AccountReference): string {
  return `{"address":${text(account.address)},"signer":${account.signer},"writable":${account.writable}}`;
}

function argumentsJson(values: Readonly<Record<string, ArgumentValue>>): string {
  return canonicalJson(present(values));
}

/** Without the options that are none: Rego holds null to be less than every number. In a list they keep their place. */
function present(values: Readonly<Record<string, ArgumentValue>>): CanonicalValue {
  const found: [string, CanonicalValue][] = [];
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (value !== undefined && value !== null) found.push([name, presentWithin(value)]);
  }
  return Object.fromEntries(found);
}

function presentWithin(value: ArgumentValue): CanonicalValue {
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.map(presentWithin) : present(value);
}

function isList(value: ArgumentValue): value is readonly ArgumentValue[] {
  return Array.isArray(value);
}
