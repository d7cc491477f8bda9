// Owns how a decoded transaction looks on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  DecodedInstructionSchema,
  DecodedTransactionSchema,
  TransactionLifetimeSchema,
} from '../../../proto/gen/countersign/v1/transaction_pb.ts';
import { assertNever } from '../../core/assert-never.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type {
  ArgumentValue,
  DecodedInstruction,
  DecodedTransaction,
  Lifetime,
} from '../../core/transaction/decoded-transaction.ts';

export function transactionMessage(transaction: DecodedTransaction): MessageInitShape<typeof DecodedTransactionSchema> {
  return {
    version: String(transaction.compiled.version),
    feePayer: transaction.feePayer,
    signers: transaction.signers.map(({ address, signed }) => ({ address, signed })),
    lifetime: lifetimeMessage(transaction.lifetime),
    instructions: transaction.instructions.map(instructionMessage),
    size: transaction.compiled.size,
  };
}

function lifetimeMessage(lifetime: Lifetime): MessageInitShape<typeof TransactionLifetimeSchema> {
  switch (lifetime.kind) {
    case 'blockhash':
      return { kind: { case: 'recentBlockhash', value: lifetime.blockhash } };
    case 'durable_nonce': {
      const { nonce, nonceAccount, nonceAuthority } = lifetime;
      return { kind: { case: 'durableNonce', value: { nonce, nonceAccount, nonceAuthority } } };
    }
    default:
      return assertNever(lifetime);
  }
}

function instructionMessage(instruction: DecodedInstruction): MessageInitShape<typeof DecodedInstructionSchema> {
  const { index, program, data } = instruction;
  switch (instruction.kind) {
    case 'known':
    case 'described':
      return {
        index,
        program,
        data,
        known: true,
        programName: instruction.programName,
        name: instruction.name,
        accounts: instruction.accounts.map(({ role, address, signer, writable }) => ({
          role,
          address,
          signer,
          writable,
        })),
        arguments: { ...argumentTexts(instruction.arguments), ...instruction.texts },
      };
    case 'unknown':
      return {
        index,
        program,
        data,
        known: false,
        programName: instruction.programName ?? '',
        accounts: instruction.accounts.map(({ address, signer, writable }) => ({ address, signer, writable })),
      };
    default:
      return assertNever(instruction);
  }
}

function argumentTexts(values: Readonly<Record<string, ArgumentValue>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, argumentText(value)]));
}

function argumentText(value: ArgumentValue): string {
  if (value === null) return 'none';
  return typeof value === 'object' ? canonicalJson(value) : String(value);
}
