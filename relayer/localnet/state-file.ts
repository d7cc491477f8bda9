// Owns the state file of the local chain: a line that names format and digest, one JSON line that describes the state, then
// LiteSVM's snapshot. What landed stands in a journal beside it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isRecord, stringifyExactJson, toU64 } from '../json-exact.ts';
import type { ChainState, RestoredState } from './chain-state.ts';
import { type JournalSegment, journalFiles, type LandedJournal, openJournal, readJournal } from './landed-journal.ts';
import { type Landing, larger } from './landed-transactions.ts';
import { parseBlockhash } from './recent-blockhashes.ts';
import { parseList, parseObject } from './saved-landing.ts';
import { FIRST_FORMAT, parseFirstFormat } from './state-file-1.ts';

const FORMAT = 'countersign-localnet-2';
const FAMILY = /^countersign-localnet-\d{1,9}(?= )/;
/** Of the first line at most. */
const FIRST_LINE_BYTES = 128;

export interface StateStore {
  /** `null`: a new chain begins. */
  readonly restored: RestoredState | null;
  /** Writes down what landed; it counts from the next save on. */
  readonly append: (landings: readonly Landing[]) => void;
  /** Replaces the file as a whole, so that a crash leaves the old state or the new one. */
  readonly save: (state: ChainState) => void;
}

/**
 * Reads what is there. A state file that is damaged is moved to `<path>.unreadable`, its journal likewise, and the chain starts
 * anew: it holds play money.
 * @throws Error for a file that this version does not know. It is left as it is.
 */
export function openStateStore(path: string, warn: (message: string) => void): StateStore {
  const found = existsSync(path) ? readState(path) : null;
  if (found === 'damaged') {
    for (const file of [path, ...journalFiles(path)]) renameSync(file, `${file}.unreadable`);
    warn(`state file ${path} or what belongs to it is damaged; moved to ${path}.unreadable, starting a new chain`);
  }
  const saved = found === 'damaged' ? null : found;
  const journal = openJournal(path, saved?.segments ?? [], saved?.landings ?? []);
  // The first format has no journal.
  if (saved !== null && saved.segments.length === 0) journal.append(saved.state.history.landings);
  return {
    restored: saved?.state ?? null,
    append: journal.append,
    save: (state) => writeState(path, state, journal),
  };
}

function writeState(path: string, { snapshot, ...state }: ChainState, journal: LandedJournal): void {
  const { segments, from } = journal.mark();
  const statusesFrom = larger(from, state.statusesFrom);
  const content = Buffer.concat([
    Buffer.from(`${stringifyExactJson({ ...state, statusesFrom, segments })}\n`),
    snapshot,
  ]);
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, Buffer.concat([Buffer.from(`${FORMAT} ${digest(content)}\n`), content]), { mode: 0o600 });
  renameSync(temporary, path);
  journal.sweep();
}

interface Saved {
  readonly state: RestoredState;
  readonly segments: readonly JournalSegment[];
  readonly landings: readonly (readonly Landing[])[];
}

function readState(path: string): Saved | 'damaged' {
  const bytes = readFileSync(path);
  const start = bytes.toString('latin1', 0, FIRST_LINE_BYTES);
  if (start.startsWith(FIRST_FORMAT)) {
    const state = parseFirstFormat(bytes);
    return state === null ? 'damaged' : { state, segments: [], landings: [] };
  }
  const format = FAMILY.exec(start)?.[0];
  if (format === undefined) {
    throw new Error(`${path} is not a state file of the local chain, and is left as it is: name another file`);
  }
  if (format !== FORMAT) {
    const problem = `${path} is a state file of the format ${format}, and this version reads ${FORMAT}`;
    throw new Error(`${problem}: name another file, or start the version that wrote it`);
  }
  return parseState(path, bytes) ?? 'damaged';
}

function parseState(path: string, bytes: Buffer): Saved | null {
  const [firstEnd, secondEnd] = lineEnds(bytes);
  if (firstEnd < 0 || secondEnd < 0) return null;
  // LiteSVM's own loading is not trusted with damaged bytes: it may abort the process.
  if (bytes.toString('latin1', 0, firstEnd) !== `${FORMAT} ${digest(bytes.subarray(firstEnd + 1))}`) return null;
  const header = parseObject(bytes.toString('utf8', firstEnd + 1, secondEnd));
  const segments = parseList(header?.segments, parseSegment);
  const blockhashes = parseList(header?.blockhashes, parseBlockhash);
  const [slot, statusesFrom, knownFrom] = [header?.slot, header?.statusesFrom, header?.knownFrom].map(toU64);
  if (slot === undefined || statusesFrom === undefined || knownFrom === undefined) return null;
  const landings = segments === null ? null : readJournal(path, segments);
  if (segments === null || blockhashes === null || landings === null) return null;
  const history = {
    landings: landings.flat().filter(({ status }) => status.slot >= statusesFrom),
    statusesFrom,
    knownFrom,
  };
  // What named an older one may have landed and be forgotten: it must not land again.
  const usable = blockhashes.filter((blockhash) => blockhash.slot >= statusesFrom);
  const state = { slot, blockhashes: usable, history, snapshot: bytes.subarray(secondEnd + 1) };
  return { state, segments, landings };
}

function lineEnds(bytes: Buffer): readonly [number, number] {
  const first = bytes.indexOf('\n');
  return [first, bytes.indexOf('\n', first + 1)];
}

function parseSegment(value: unknown): JournalSegment | null {
  if (!isRecord(value)) return null;
  const { number, bytes, lines, sha256 } = value;
  if (typeof number !== 'number' || typeof bytes !== 'number' || typeof lines !== 'number') return null;
  return typeof sha256 === 'string' ? { number, bytes, lines, sha256 } : null;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
