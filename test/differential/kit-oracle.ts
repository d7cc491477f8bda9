// Owns a second opinion on wire bytes: kit decodes them, a canonical re-encode must give them back, and the runtime's rules,
// written here a second time over kit's values, must hold.
import {
  type CompiledTransactionMessage,
  type CompiledTransactionMessageWithLifetime,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  getTransactionDecoder,
  getTransactionEncoder,
  type Transaction,
} from '@solana/kit';

export type KitMessage = CompiledTransactionMessage & CompiledTransactionMessageWithLifetime;

export type Opinion =
  | { readonly kind: 'right'; readonly transaction: Transaction; readonly message: KitMessage }
  /** `canonical`: the bytes are well formed and break a rule; LiteSVM can be given them. */
  | { readonly kind: 'wrong'; readonly reason: string; readonly canonical: boolean };

export interface KitInstruction {
  readonly programIndex: number;
  readonly accounts: readonly number[];
  readonly data: Uint8Array;
}

export function kitOpinion(wire: Uint8Array): Opinion {
  let transaction: Transaction;
  let message: KitMessage;
  try {
    transaction = getTransactionDecoder().decode(wire);
    message = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes);
    const encodedMessage = getCompiledTransactionMessageEncoder().encode(message);
    if (!same(encodedMessage, transaction.messageBytes)) return malformed('the message is not canonical');
    // Signatures are a map by address: duplicate signers collapse, and the transaction no longer encodes to itself.
    if (!same(getTransactionEncoder().encode(transaction), wire)) return malformed('the transaction is not canonical');
  } catch (error) {
    return malformed(`kit throws: ${String(error).slice(0, 120)}`);
  }
  const broken = brokenRule(wire, message);
  return broken === null ? { kind: 'right', transaction, message } : { kind: 'wrong', reason: broken, canonical: true };
}

export function kitInstructions(message: KitMessage): readonly KitInstruction[] {
  if (message.version !== 1) {
    return message.instructions.map((instruction) => ({
      programIndex: instruction.programAddressIndex,
      accounts: instruction.accountIndices ?? [],
      data: new Uint8Array(instruction.data ?? []),
    }));
  }
  return message.instructionHeaders.map((header, i) => ({
    programIndex: header.programAccountIndex,
    accounts: message.instructionPayloads[i]?.instructionAccountIndices ?? [],
    data: new Uint8Array(message.instructionPayloads[i]?.instructionData ?? []),
  }));
}

function malformed(reason: string): Opinion {
  return { kind: 'wrong', reason, canonical: false };
}

function brokenRule(wire: Uint8Array, message: KitMessage): string | null {
  const { numSignerAccounts: signers, numReadonlySignerAccounts: readonlySigners } = message.header;
  const keys = message.staticAccounts;
  const instructions = kitInstructions(message);
  const lookups = message.version === 0 ? (message.addressTableLookups ?? []) : [];
  const loads = lookups.map((lookup) => lookup.writableIndexes.length + lookup.readonlyIndexes.length);
  const accounts = keys.length + loads.reduce((a, b) => a + b, 0);
  const rules: readonly (readonly [string, boolean])[] = [
    ['size', wire.length <= (message.version === 1 ? 4096 : 1232)],
    ['a v1 message stands first', message.version !== 1 || wire[0] === 0x81],
    ['a writable fee payer', readonlySigners < signers],
    ['signers and readonly fit the keys', signers + message.header.numReadonlyNonSignerAccounts <= keys.length],
    ['no duplicate keys', new Set(keys).size === keys.length],
    ['every lookup loads', loads.every((count) => count > 0)],
    ['at most 64 accounts', accounts <= 64],
    ['at most 64 instructions', instructions.length <= 64],
    [
      'programs are static and do not pay',
      instructions.every((i) => i.programIndex > 0 && i.programIndex < keys.length),
    ],
    ['accounts exist', instructions.every((i) => i.accounts.every((index) => index < accounts))],
    ['at most 255 accounts in an instruction', instructions.every((i) => i.accounts.length <= 255)],
    ['v1 config', message.version !== 1 || v1ConfigHolds(message)],
    ['v1 signers', message.version !== 1 || signers <= 12],
  ];
  return rules.find(([, holds]) => !holds)?.[0] ?? null;
}

function v1ConfigHolds(message: Extract<KitMessage, { version: 1 }>): boolean {
  if (message.configMask > 31) return false;
  if ((message.configMask & 16) === 0) return true;
  const heap = message.configValues[message.configValues.length - 1];
  const value = Number(heap?.value ?? 0);
  return value % 1024 === 0 && value >= 32 * 1024 && value <= 256 * 1024;
}

function same(a: Readonly<ArrayLike<number>>, b: Readonly<ArrayLike<number>>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
