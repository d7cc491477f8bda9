// Owns the Memo programs: all of the data is the text, all of the accounts are signers.
import { remainingText } from './data-reader.ts';
import { MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4 } from './program-ids.ts';
import { tableProgram } from './table-program.ts';

export const MEMO = tableProgram({
  name: 'memo',
  addresses: [MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4],
  opcodeBytes: 0,
  instructions: {
    add_memo: { opcode: 0, roles: [], furtherRole: 'signer', arguments: { text: remainingText }, texts: ['text'] },
  },
});
