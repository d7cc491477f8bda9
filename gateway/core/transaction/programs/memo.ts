// Owns the Memo programs: all of the data is the text, all of the accounts are signers.
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { openData, remainingText } from './data-reader.ts';
import { known, type RawInstruction, unknown } from './instruction-table.ts';

const NAME = 'memo';

export function decodeMemo(raw: RawInstruction): DecodedInstruction {
  const reader = openData(raw.data, 0);
  const text = remainingText(reader);
  if (reader.failure !== null) return unknown(raw, NAME, reader.failure);
  const accounts = raw.accounts.map(({ address, signer, writable }, i) => ({
    role: `signer_${i}`,
    address,
    signer,
    writable,
  }));
  return known(raw, NAME, 'add_memo', accounts, { text });
}
