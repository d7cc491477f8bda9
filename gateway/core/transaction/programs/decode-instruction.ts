// Owns which program is decoded by which table; a program without one may be described by an IDL, and is unknown else.
import type { Address } from '../../address.ts';
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { ADDRESS_LOOKUP_TABLE } from './address-lookup-table.ts';
import { COMPUTE_BUDGET } from './compute-budget.ts';
import { CONFIG } from './config.ts';
import { FEATURE_GATE } from './feature-gate.ts';
import { type DecodeProgram, type NativeProgram, type RawInstruction, unknown } from './instruction-table.ts';
import { LIGHTHOUSE } from './lighthouse/lighthouse.ts';
import { LOADER_V1, LOADER_V2 } from './loader/loader-v2.ts';
import { LOADER_V3 } from './loader/loader-v3.ts';
import { LOADER_V4 } from './loader/loader-v4.ts';
import { MEMO } from './memo.ts';
import { ED25519 } from './precompile/ed25519.ts';
import { SECP256K1 } from './precompile/secp256k1.ts';
import { SECP256R1 } from './precompile/secp256r1.ts';
import { STAKE } from './stake.ts';
import { SYSTEM } from './system.ts';
import { ASSOCIATED_TOKEN_ACCOUNT } from './token/associated-token-account.ts';
import { SPL_TOKEN } from './token/spl-token.ts';
import { TOKEN_2022 } from './token/token-2022.ts';
import { VOTE } from './vote.ts';

export const NATIVE_PROGRAMS: readonly NativeProgram[] = [
  SYSTEM,
  SPL_TOKEN,
  TOKEN_2022,
  ASSOCIATED_TOKEN_ACCOUNT,
  COMPUTE_BUDGET,
  MEMO,
  STAKE,
  VOTE,
  ADDRESS_LOOKUP_TABLE,
  CONFIG,
  FEATURE_GATE,
  LOADER_V1,
  LOADER_V2,
  LOADER_V3,
  LOADER_V4,
  ED25519,
  SECP256K1,
  SECP256R1,
  LIGHTHOUSE,
];

const DECODERS: ReadonlyMap<Address, DecodeProgram> = new Map(
  NATIVE_PROGRAMS.flatMap(({ addresses, decode }) => addresses.map((address) => [address, decode] as const)),
);

/** Decoders of programs that the policy bundle describes by an IDL, by address. Their instructions are `described` or unknown. */
export type DescribedPrograms = ReadonlyMap<Address, DecodeProgram>;

export const NOTHING_DESCRIBED: DescribedPrograms = new Map();

/** Never throws: what cannot be read is unknown, with the reason. A decoder of our own wins over an IDL. */
export function decodeInstruction(
  raw: RawInstruction,
  described: DescribedPrograms = NOTHING_DESCRIBED,
): DecodedInstruction {
  const decode = DECODERS.get(raw.program) ?? described.get(raw.program);
  return decode === undefined ? unknown(raw, null, `the program ${raw.program} is not known`) : decode(raw);
}

/** Whether instructions of a program are read by a decoder of our own, so that their effects are known from them. */
export function isNativeProgram(program: Address): boolean {
  return DECODERS.has(program);
}
