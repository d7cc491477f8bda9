// Owns the files beside a state file that hold what landed: lines are only ever added, so that a save costs what is new, and what
// a state file names is not touched until the next one has replaced it.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Landing } from './landed-transactions.ts';
import { formatLanding, parseLanding } from './saved-landing.ts';

/** Lines of one file. Those of the newest two are kept, so never fewer than so many. */
const SEGMENT_LINES = 40_000;
const KEPT_SEGMENTS = 2;

/** So much of a file counts: what stands behind it belongs to a save that was not finished. */
export interface JournalSegment {
  readonly number: number;
  readonly bytes: number;
  readonly lines: number;
  /** Hex, of the bytes that count. */
  readonly sha256: string;
}

export interface LandedJournal {
  readonly append: (landings: readonly Landing[]) => void;
  /** What a state file must name, and the slot from which on they hold all that was appended. */
  readonly mark: () => { readonly segments: readonly JournalSegment[]; readonly from: bigint };
  /** Removes the files that the newest mark does not name. */
  readonly sweep: () => void;
}

interface Segment extends Omit<JournalSegment, 'sha256'> {
  readonly hash: Hash;
  readonly lastSlot: bigint;
}

/** What the named segments hold, oldest first; `null` where one is missing, cut or changed. */
export function readJournal(path: string, segments: readonly JournalSegment[]): readonly (readonly Landing[])[] | null {
  const read = segments.map((segment) => readSegment(path, segment));
  const whole = read.filter((landings) => landings !== null);
  return whole.length === read.length ? whole : null;
}

/** `segments` with what {@link readJournal} read of them: it goes on behind those. */
export function openJournal(
  path: string,
  segments: readonly JournalSegment[],
  landings: readonly (readonly Landing[])[],
): LandedJournal {
  let kept = segments.map((segment, at) => resumed(path, segment, landings[at] ?? []));
  let from = 0n;

  function current(): Segment {
    const newest = kept.at(-1);
    if (newest !== undefined && newest.lines < SEGMENT_LINES) return newest;
    const number = (newest?.number ?? highestNumber(path)) + 1;
    const next = { number, bytes: 0, lines: 0, hash: createHash('sha256'), lastSlot: 0n };
    for (const { lastSlot } of kept.slice(0, -(KEPT_SEGMENTS - 1))) from = lastSlot + 1n;
    kept = [...kept.slice(-(KEPT_SEGMENTS - 1)), next];
    return next;
  }

  return {
    append: (added) => {
      for (let rest = added; rest.length > 0; ) {
        const segment = current();
        const fitting = rest.slice(0, SEGMENT_LINES - segment.lines);
        kept = kept.with(-1, written(path, segment, fitting));
        rest = rest.slice(fitting.length);
      }
    },
    mark: () => ({
      segments: kept.map(({ hash, lastSlot, ...segment }) => ({ ...segment, sha256: hash.copy().digest('hex') })),
      from,
    }),
    sweep: () => {
      for (const number of numbersAt(path)) {
        if (!kept.some((segment) => segment.number === number)) rmSync(segmentFile(path, number));
      }
    },
  };
}

/** All files of the journal, whether a state names them or not. */
export function journalFiles(path: string): readonly string[] {
  return numbersAt(path).map((number) => segmentFile(path, number));
}

function readSegment(path: string, { number, bytes, lines, sha256 }: JournalSegment): readonly Landing[] | null {
  const file = segmentFile(path, number);
  if (!existsSync(file)) return null;
  const content = readFileSync(file).subarray(0, bytes);
  if (content.length < bytes || createHash('sha256').update(content).digest('hex') !== sha256) return null;
  const texts = content.toString('utf8').split('\n').slice(0, -1);
  const landings = texts.map(parseLanding).filter((landing) => landing !== null);
  return landings.length === lines ? landings : null;
}

function resumed(path: string, segment: JournalSegment, landings: readonly Landing[]): Segment {
  const { number, bytes, lines } = segment;
  const hash = createHash('sha256').update(readFileSync(segmentFile(path, number)).subarray(0, bytes));
  return { number, bytes, lines, hash, lastSlot: landings.at(-1)?.status.slot ?? 0n };
}

function written(path: string, segment: Segment, landings: readonly Landing[]): Segment {
  const { number, bytes, lines, hash } = segment;
  const added = Buffer.from(landings.map((landing) => `${formatLanding(landing)}\n`).join(''));
  const file = openSync(segmentFile(path, number), existsSync(segmentFile(path, number)) ? 'r+' : 'w', 0o600);
  try {
    ftruncateSync(file, bytes);
    for (let at = 0; at < added.length; ) at += writeSync(file, added, at, added.length - at, bytes + at);
  } finally {
    closeSync(file);
  }
  hash.update(added);
  const lastSlot = landings.at(-1)?.status.slot ?? segment.lastSlot;
  return { number, bytes: bytes + added.length, lines: lines + landings.length, hash, lastSlot };
}

function segmentFile(path: string, number: number): string {
  return `${path}.landed-${number}`;
}

function highestNumber(path: string): number {
  return Math.max(0, ...numbersAt(path));
}

function numbersAt(path: string): readonly number[] {
  const prefix = `${basename(path)}.landed-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^\d{1,9}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
}
