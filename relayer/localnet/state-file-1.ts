// Owns reading the state file as it was first: one JSON line with the newest statuses, then LiteSVM's snapshot.
import { createHash } from 'node:crypto';
import { toU64 } from '../json-exact.ts';
import type { RestoredState } from './chain-state.ts';
import { parseBlockhash } from './recent-blockhashes.ts';
import { parseList, parseObject, parseStatus } from './saved-landing.ts';

const FORMAT = 'countersign-localnet-1';

/** What such a file begins with. */
export const FIRST_FORMAT = `{"format":"${FORMAT}"`;

/** It held so many statuses at most. */
const MOST_STATUSES = 5_000;

/**
 * `null` for a damaged one. Whole transactions were not kept: the history begins with the slot after it, though statuses from
 * before are known.
 */
export function parseFirstFormat(bytes: Buffer): RestoredState | null {
  const end = bytes.indexOf('\n');
  const header = end < 0 ? null : parseObject(bytes.toString('utf8', 0, end));
  const snapshot = bytes.subarray(end + 1);
  if (header?.format !== FORMAT || header.sha256 !== createHash('sha256').update(snapshot).digest('hex')) return null;
  const slot = toU64(header.slot);
  const blockhashes = parseList(header.blockhashes, parseBlockhash);
  const statuses = parseList(header.statuses, parseStatus);
  if (slot === undefined || blockhashes === null || statuses === null) return null;
  const [oldest] = statuses;
  const statusesFrom = oldest === undefined || statuses.length < MOST_STATUSES ? 0n : oldest.slot + 1n;
  const landings = statuses.map((status) => ({ status, transaction: null }));
  return { slot, blockhashes, snapshot, history: { landings, statusesFrom, knownFrom: slot + 1n } };
}
