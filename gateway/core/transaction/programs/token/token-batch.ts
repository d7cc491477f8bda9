// Owns the batches of the token programs: how one is split, and that it is known only when all of its parts are.
import type {
  AccountInRole,
  DecodedInstruction,
  KnownInstruction,
  UnknownInstruction,
} from '../../decoded-transaction.ts';
import {
  type DecodeProgram,
  type InstructionLayout,
  known,
  type RawInstruction,
  unknown,
} from '../instruction-table.ts';

export const BATCH = { opcode: 255, roles: [], furtherRole: 'part' } as const satisfies InstructionLayout;

type DecodeSingle = (raw: RawInstruction) => KnownInstruction | UnknownInstruction;

/** Of a token program: batches, whose parts are read like instructions that stand alone. */
export function batchDecoder(programName: string, decodeSingle: DecodeSingle): DecodeProgram {
  return (raw) => (raw.data[0] === BATCH.opcode ? decodeBatch(raw, programName, decodeSingle) : decodeSingle(raw));
}

/** Roles carry the number of their part. */
function decodeBatch(raw: RawInstruction, programName: string, decodePart: DecodeSingle): DecodedInstruction {
  const parts = splitBatch(raw, decodePart);
  if (typeof parts === 'string') return unknown(raw, programName, `batch: ${parts}`);
  const accounts: AccountInRole[] = [];
  parts.forEach((part, i) => {
    for (const account of part.accounts) accounts.push({ ...account, role: `part_${i}_${account.role}` });
  });
  const used = accounts.length;
  for (const { address, signer, writable } of raw.accounts.slice(used)) {
    accounts.push({ role: `extra_${accounts.length - used}`, address, signer, writable });
  }
  return known(raw, programName, 'batch', { accounts, parts });
}

/** Each part is (account count u8, data length u8, data), its accounts taken in order; a batch holds no batch. */
function splitBatch(raw: RawInstruction, decodePart: DecodeSingle): readonly KnownInstruction[] | string {
  const { index, program, data } = raw;
  const parts: KnownInstruction[] = [];
  let accountsFrom = 0;
  let at = 1;
  do {
    const accountCount = data[at] ?? 0;
    const length = data[at + 1] ?? 0;
    const start = at + 2;
    if (length === 0 || start + length > data.length) return `part ${parts.length} is cut short`;
    const accounts = raw.accounts.slice(accountsFrom, accountsFrom + accountCount);
    if (accounts.length < accountCount) return `part ${parts.length} wants accounts that are not there`;
    const part = decodePart({ index, program, accounts, data: data.subarray(start, start + length) });
    if (part.kind === 'unknown') return `part ${parts.length}: ${part.reason}`;
    parts.push(part);
    accountsFrom += accountCount;
    at = start + length;
  } while (at < data.length);
  return parts;
}
