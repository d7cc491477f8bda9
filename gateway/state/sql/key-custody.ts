// Owns how the custody of a request's keys stands in the database: the ones that nothing but the process of a gateway signs with.
import type { KeyCustody } from '../contract/request-store.ts';
import { oneOf, type Row } from './row.ts';

const KEYS_IN_PROCESS = ['none', 'wallet', 'fee_payer', 'both'] as const;

export function keysInProcess({ wallet, feePayer }: KeyCustody): (typeof KEYS_IN_PROCESS)[number] {
  if (wallet === 'process') return feePayer === 'process' ? 'both' : 'wallet';
  return feePayer === 'process' ? 'fee_payer' : 'none';
}

/** NULL: nobody recorded it, and each may be anywhere. */
export function parseCustody(row: Row): KeyCustody {
  const keys = row.keys_in_process === null ? 'none' : oneOf(row, 'keys_in_process', KEYS_IN_PROCESS);
  return {
    wallet: keys === 'wallet' || keys === 'both' ? 'process' : 'remote',
    feePayer: keys === 'fee_payer' || keys === 'both' ? 'process' : 'remote',
  };
}
