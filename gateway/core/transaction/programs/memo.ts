// Owns the Memo programs: all of the data is the text, all of the accounts are signers.
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { openData, remainingText } from './data-reader.ts';
import { known, type NativeProgram, type RawInstruction, unknown } from './instruction-table.ts';
import { MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4 } from './program-ids.ts';

const NAME = 'memo';

function decodeMemo(raw: RawInstruction): DecodedInstruction {
  const reader = openData(raw.data, 0);
  const text = remainingText(reader);
  if (reader.failure !== null) return unknown(raw, NAME, reader.failure);
  const accounts = raw.accounts.map(({ address, signer, writable }, i) => ({
    role: `signer_${i}`,
    address,
    signer,
    writable,
  }));
  return known(raw, NAME, 'add_memo', { accounts, texts: { text } });
}

/** Without an opcode: there is but one instruction. */
export const MEMO: NativeProgram = {
  name: NAME,
  addresses: [MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4],
  decode: decodeMemo,
  instructions: { add_memo: { opcode: 0, roles: [], furtherRole: 'signer' } },
};
