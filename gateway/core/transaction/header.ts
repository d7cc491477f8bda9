// Owns the message header and the static account keys: reading them and the rules that bind them.
import type { Address } from '../address.ts';
import type { MessageHeader } from './compiled-transaction.ts';
import { type Cursor, readAddress, readU8, refuse, requireBytes } from './cursor.ts';

/** Accounts that one transaction may lock (MAX_TX_ACCOUNT_LOCKS). */
const MAX_ACCOUNTS = 64;

export function readHeader(cursor: Cursor): MessageHeader {
  const requiredSignatures = readU8(cursor, 'message.header.requiredSignatures');
  const readonlySigned = readU8(cursor, 'message.header.readonlySigned');
  const readonlyUnsigned = readU8(cursor, 'message.header.readonlyUnsigned');
  if (cursor.error === null && readonlySigned >= requiredSignatures) {
    refuse(cursor, {
      code: 'FEE_PAYER_NOT_WRITABLE',
      field: 'message.header.readonlySigned',
      expected: `fewer readonly signers than signers (${requiredSignatures}): the first signer pays and must be writable`,
      found: `${readonlySigned}`,
      offset: cursor.offset - 2,
    });
  }
  return { requiredSignatures, readonlySigned, readonlyUnsigned };
}

/** Reads `count` static keys; refuses duplicates, too many keys and a header that names more than there are. */
export function readStaticAccounts(cursor: Cursor, count: number, header: MessageHeader): readonly Address[] {
  const field = 'message.staticAccounts';
  const named = header.requiredSignatures + header.readonlyUnsigned;
  if (cursor.error === null && named > count) {
    const expected = `at least ${named} keys: ${header.requiredSignatures} signers and ${header.readonlyUnsigned} readonly others`;
    refuse(cursor, { code: 'HEADER_EXCEEDS_ACCOUNTS', field, expected, found: `${count} keys` });
  }
  if (!withinAccountLimit(cursor, count, field) || !requireBytes(cursor, count * 32, field)) return [];
  const accounts: Address[] = [];
  for (let i = 0; i < count; i++) {
    const account = readAddress(cursor, field);
    if (account === null) return [];
    if (accounts.includes(account)) refuseDuplicate(cursor, account, i);
    accounts.push(account);
  }
  return accounts;
}

/** Static and loaded accounts together. */
export function withinAccountLimit(cursor: Cursor, count: number, field: string): boolean {
  if (count > MAX_ACCOUNTS) {
    const expected = `at most ${MAX_ACCOUNTS} accounts, loaded ones included (more fail as TooManyAccountLocks)`;
    refuse(cursor, { code: 'TOO_MANY_ACCOUNTS', field, expected, found: `${count} accounts` });
  }
  return cursor.error === null;
}

function refuseDuplicate(cursor: Cursor, account: Address, index: number): void {
  refuse(cursor, {
    code: 'DUPLICATE_ACCOUNT',
    field: `message.staticAccounts[${index}]`,
    expected: 'every account key once',
    found: `${account} again`,
    offset: cursor.offset - 32,
  });
}
