// Owns decoding in tests what a published client wrote, without a transaction around it.
import { type Instruction, isSignerRole, isWritableRole } from '@solana/kit';
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { decodeInstruction } from '../programs/decode-instruction.ts';

export function decodeWritten(instruction: Instruction): DecodedInstruction {
  const accounts = (instruction.accounts ?? []).map(({ address, role }) => ({
    address,
    signer: isSignerRole(role),
    writable: isWritableRole(role),
  }));
  const data = Uint8Array.from(instruction.data ?? []);
  return decodeInstruction({ index: 0, program: instruction.programAddress, accounts, data });
}
