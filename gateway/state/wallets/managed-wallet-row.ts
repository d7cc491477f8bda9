// Owns how rows become managed wallets, and what else is read of all of them.
import * as z from 'zod';
import { parseAddress } from '../../core/base58.ts';
import { GatewayError } from '../../core/errors.ts';
import {
  type KeyNote,
  MANAGED_WALLET_STATES,
  type ManagedKey,
  type ManagedWallet,
} from '../../core/wallet/managed-wallet.ts';
import type { Session, Statement } from '../sql/database.ts';
import { milliseconds, millisecondsOrNull, oneOf, type Row, text, textOrNull } from '../sql/row.ts';

/** The columns that `parseManagedWallet` reads; the table is named `m`. */
export const MANAGED_WALLET_COLUMNS = `m.wallet_id, m.template, m.backend, m.state, m.label, m.address, m.reference, m.created_by,
  m.created_at_ms, m.destroyed_at_ms, m.key_destroyed_detail, m.key_note_by, m.key_note_reason, m.key_note_at_ms`;

const FIND: Statement = {
  name: 'find_managed_wallet',
  text: `SELECT ${MANAGED_WALLET_COLUMNS} FROM managed_wallets m WHERE m.wallet_id = $1`,
};

const reference = z.record(z.string(), z.union([z.string(), z.number()]));

export async function findManagedWallet(
  session: Pick<Session, 'query'>,
  walletId: string,
): Promise<ManagedWallet | null> {
  const [row] = await session.query(FIND, [walletId]);
  return row === undefined ? null : parseManagedWallet(row);
}

export function parseManagedWallet(row: Row): ManagedWallet {
  return {
    walletId: text(row, 'wallet_id'),
    template: text(row, 'template'),
    backend: textOrNull(row, 'backend'),
    state: oneOf(row, 'state', MANAGED_WALLET_STATES),
    label: text(row, 'label'),
    key: parseKey(row),
    createdBy: text(row, 'created_by'),
    createdAt: milliseconds(row, 'created_at_ms'),
    destroyedAt: millisecondsOrNull(row, 'destroyed_at_ms'),
    keyDestroyedDetail: textOrNull(row, 'key_destroyed_detail'),
    keyNote: parseNote(row),
  };
}

function parseNote(row: Row): KeyNote | null {
  const operatorId = textOrNull(row, 'key_note_by');
  if (operatorId === null) return null;
  return { operatorId, reason: text(row, 'key_note_reason'), at: milliseconds(row, 'key_note_at_ms') };
}

function parseKey(row: Row): ManagedKey | null {
  const found = textOrNull(row, 'address');
  if (found === null) return null;
  const address = parseAddress(found);
  if (address === null) throw new GatewayError('INTERNAL', 'the database column address should hold a base58 address');
  const parsed = reference.safeParse(row.reference);
  if (!parsed.success) throw new GatewayError('INTERNAL', 'the reference of a key cannot be read from the database');
  return { address, reference: parsed.data };
}
