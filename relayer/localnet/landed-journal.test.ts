import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openJournal, readJournal } from './landed-journal.ts';
import type { Landing } from './landed-transactions.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(folder, 'state');
});

afterEach(() => rmSync(folder, { recursive: true }));

it('is bounded: the oldest file goes when a third begins, once a state names the others, and says from where on it is whole', () => {
  const journal = openJournal(path, [], []);
  journal.append(landings(1, 40_000));
  journal.append(landings(40_001, 80_000));
  expect(journal.mark().from).toBe(0n);
  journal.append(landings(80_001, 80_010));
  const { segments, from } = journal.mark();
  expect(from).toBe(40_001n);
  expect(segments.map(({ number, lines }) => [number, lines])).toEqual([
    [2, 40_000],
    [3, 10],
  ]);
  expect(readdirSync(folder)).toEqual(['state.landed-1', 'state.landed-2', 'state.landed-3']);
  journal.sweep();
  expect(readdirSync(folder)).toEqual(['state.landed-2', 'state.landed-3']);
  expect(readJournal(path, segments)?.flat()).toEqual(landings(40_001, 80_010));
});

it('goes on behind what a state names, whatever an unfinished save has left there', () => {
  const first = openJournal(path, [], []);
  first.append(landings(1, 3));
  const { segments } = first.mark();
  first.append(landings(4, 9));
  const read = readJournal(path, segments);
  expect(read?.flat()).toEqual(landings(1, 3));
  const second = openJournal(path, segments, read ?? []);
  second.append(landings(11, 11));
  expect(readJournal(path, second.mark().segments)?.flat()).toEqual([...landings(1, 3), ...landings(11, 11)]);
  expect(readJournal(path, first.mark().segments)).toBeNull();
});

function landings(first: number, last: number): readonly Landing[] {
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const slot = BigInt(first + at);
    return { status: { signature: `s${slot}`, slot, error: null }, transaction: null };
  });
}
