// Owns the state file of the local chain: one JSON line that describes it, then LiteSVM's snapshot.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isRecord, parseExactJson, stringifyExactJson, toU64 } from '../json-exact.ts';
import type { LandedStatus } from './landed-transactions.ts';
import type { RecentBlockhash } from './recent-blockhashes.ts';

const FORMAT = 'countersign-localnet-1';

export interface SavedState {
  readonly slot: bigint;
  readonly blockhashes: readonly RecentBlockhash[];
  readonly statuses: readonly LandedStatus[];
  readonly snapshot: Uint8Array;
}

/** Replaces the file as a whole, so that a crash leaves the old state or the new one. */
export function writeState(path: string, state: SavedState): void {
  const { snapshot, ...rest } = state;
  const header = stringifyExactJson({ format: FORMAT, sha256: digest(snapshot), ...rest });
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, Buffer.concat([Buffer.from(`${header}\n`), snapshot]), { mode: 0o600 });
  renameSync(temporary, path);
}

/**
 * The saved state; null when there is no file yet. A file that cannot be read as one is moved to `<path>.unreadable`, and
 * the chain starts anew: it holds play money.
 */
export function readState(path: string, warn: (message: string) => void): SavedState | null {
  if (!existsSync(path)) return null;
  const state = parseState(readFileSync(path));
  if (state === null) {
    renameSync(path, `${path}.unreadable`);
    warn(`state file ${path} is damaged or of another version; moved to ${path}.unreadable, starting a new chain`);
  }
  return state;
}

function parseState(bytes: Buffer): SavedState | null {
  const end = bytes.indexOf('\n');
  if (end < 0) return null;
  const header = parseHeader(bytes.toString('utf8', 0, end));
  const snapshot = bytes.subarray(end + 1);
  // LiteSVM's own loading is not trusted with damaged bytes: it may abort the process.
  if (header?.format !== FORMAT || header.sha256 !== digest(snapshot)) return null;
  const slot = toU64(header.slot);
  const blockhashes = parseList(header.blockhashes, parseBlockhash);
  const statuses = parseList(header.statuses, parseStatus);
  if (slot === undefined || blockhashes === null || statuses === null) return null;
  return { slot, blockhashes, statuses, snapshot };
}

function parseHeader(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = parseExactJson(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function parseList<T>(value: unknown, parse: (item: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null;
  const items = value.map(parse);
  return items.some((item) => item === null) ? null : items.filter((item) => item !== null);
}

function parseBlockhash(value: unknown): RecentBlockhash | null {
  const slot = isRecord(value) ? toU64(value.slot) : undefined;
  if (!isRecord(value) || typeof value.blockhash !== 'string' || slot === undefined) return null;
  return { blockhash: value.blockhash, slot };
}

function parseStatus(value: unknown): LandedStatus | null {
  const slot = isRecord(value) ? toU64(value.slot) : undefined;
  if (!isRecord(value) || typeof value.signature !== 'string' || slot === undefined) return null;
  const { signature, error } = value;
  if (error !== null && typeof error !== 'string' && !isRecord(error)) return null;
  return { signature, slot, error };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
