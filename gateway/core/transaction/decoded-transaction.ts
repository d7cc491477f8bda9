// Owns the shape of a transaction with every account resolved and every instruction named, or known to be unknown.
import type { Address } from '../address.ts';
import type { CompiledTransaction } from './compiled-transaction.ts';

export interface AccountReference {
  readonly address: Address;
  readonly signer: boolean;
  readonly writable: boolean;
}

export interface AccountInRole extends AccountReference {
  /** Role name in snake case, for example `source`; extra accounts are `extra_0`, `extra_1`, … */
  readonly role: string;
}

/**
 * Integers are always bigint, addresses base58, bytes base64, variants of an enum their name in snake case (with values: an
 * object of that one name). `null`: an option that is none. Free text never stands here, but in `texts`.
 */
export type ArgumentValue =
  | bigint
  | string
  | boolean
  | null
  | readonly ArgumentValue[]
  | { readonly [name: string]: ArgumentValue };

/** What a name is given to: an instruction that a decoder or an IDL can read. */
interface NamedInstruction {
  /** Position among the top-level instructions; of an inner instruction, that of the one that caused it. */
  readonly index: number;
  readonly program: Address;
  /** Snake case, for example `system`, `spl_token`, `associated_token_account`, `compute_budget`, `memo`. */
  readonly programName: string;
  /** Snake case, for example `transfer_checked`. */
  readonly name: string;
  readonly accounts: readonly AccountInRole[];
  readonly arguments: Readonly<Record<string, ArgumentValue>>;
  /** Free text among the arguments, by name: memos, seeds, token names. Anybody can write anything there, so no rule matches on it. */
  readonly texts: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** Read by a decoder of our own, so that its effects are known too. */
export interface KnownInstruction extends NamedInstruction {
  readonly kind: 'known';
  /** Of a batch: the instructions in it, in order. Else empty. */
  readonly parts: readonly KnownInstruction[];
}

/** Read by an IDL of the bundle: named, but what it does is not in its message. */
export interface DescribedInstruction extends NamedInstruction {
  readonly kind: 'described';
}

export interface UnknownInstruction {
  readonly kind: 'unknown';
  readonly index: number;
  readonly program: Address;
  /** Set when the program is known but the instruction is not: unknown opcode, short data, too few accounts. */
  readonly programName: string | null;
  /** Why it could not be read. */
  readonly reason: string;
  readonly accounts: readonly AccountReference[];
  readonly data: Uint8Array;
}

export type DecodedInstruction = KnownInstruction | DescribedInstruction | UnknownInstruction;

export type Lifetime =
  | { readonly kind: 'blockhash'; readonly blockhash: string }
  | {
      readonly kind: 'durable_nonce';
      readonly nonce: string;
      readonly nonceAccount: Address;
      readonly nonceAuthority: Address;
    };

export interface RequiredSigner {
  readonly address: Address;
  /** Whether its slot holds bytes. Whether they verify is checked by the pipeline before anything is judged. */
  readonly signed: boolean;
}

export interface DecodedTransaction {
  readonly compiled: CompiledTransaction;
  readonly feePayer: Address;
  readonly signers: readonly RequiredSigner[];
  readonly lifetime: Lifetime;
  /** All accounts in runtime order: static, then loaded writable, then loaded readonly. */
  readonly accounts: readonly AccountReference[];
  readonly instructions: readonly DecodedInstruction[];
}

/** What a lookup table holds on chain; `null` in a map of tables: no such table. */
export interface LookupTable {
  readonly addresses: readonly Address[];
}
