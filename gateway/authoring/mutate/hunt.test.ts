import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOpa } from '../../policy/build/opa.ts';
import { hunt } from './hunt.ts';
import { mutantLines, outcomeLine, outcomeOf } from './outcome.ts';
import { quarryOf } from './testing/small-policy.ts';

const RULE = 'package a\n\nok if input.amount <= 5\n';
const TEST =
  'package a_test\n\nimport data.a\n\ntest_below if a.ok with input as {"amount": 1}\n\ntest_above if not a.ok with input as {"amount": 7}\n';
const EDGES = `${TEST}\ntest_edge if a.ok with input as {"amount": 5}\n\ntest_next if not a.ok with input as {"amount": 6}\n`;

describe('the hunt', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-hunt-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function outcome(files: Readonly<Record<string, string>>, noticed?: (source: string) => boolean) {
    const quarry = await quarryOf(directory, files, noticed);
    return outcomeOf(quarry, await hunt(quarry, { opa: findOpa(), seed: 1 }));
  }

  it('finds the mistakes that no test notices, with the line that changes', async () => {
    const found = await outcome({ 'a.rego': RULE, 'a_test.rego': TEST });
    expect(found.living.map(({ row, col, mistake, replacement }) => ({ row, col, mistake, replacement }))).toEqual([
      { row: 3, col: 20, mistake: 'comparison', replacement: '<' },
      { row: 3, col: 23, mistake: 'number', replacement: '4' },
      { row: 3, col: 23, mistake: 'number', replacement: '6' },
    ]);
    expect(found.living.slice(0, 1).flatMap(mutantLines)).toEqual([
      'a.rego:3:20: comparison lives: no test fails without this',
      '    - ok if input.amount <= 5',
      '    + ok if input.amount < 5',
    ]);
    expect(outcomeLine(found)).toBe('5 mutants: 2 killed, 0 refused by opa, 3 live, 0 excused by comments');
  });

  it('finds none where the tests try the edges', async () => {
    const found = await outcome({ 'a.rego': RULE, 'a_test.rego': EDGES });
    expect(found).toMatchObject({ all: 5, tried: 5, killed: 5, living: [] });
  });

  it('counts what fixtures notice', async () => {
    const found = await outcome({ 'a.rego': RULE, 'a_test.rego': TEST }, (source) => !source.includes('<= 5'));
    expect(found.living).toEqual([]);
  });

  it('counts as refused what does not compile', async () => {
    const rule = 'package a\n\nok if {\n\tsome i\n\tis_number(input.amounts[i])\n\tnot input.paid[i]\n}\n';
    const test = 'package a_test\n\nimport data.a\n\ntest_ok if a.ok with input as {"amounts": [1], "paid": [false]}\n';
    const found = await outcome({ 'a.rego': rule, 'a_test.rego': test });
    expect(found.refused).toBeGreaterThan(0);
    expect(found.refused + found.killed + found.living.length).toBe(found.all);
  });

  it('leaves what a comment excuses, and tells of a comment that excuses nothing', async () => {
    const excused = RULE.replace('ok if', '# countersign-mutate: comparison lives because amounts are odd\nok if');
    const found = await outcome({ 'a.rego': excused, 'a_test.rego': TEST });
    expect(found.excused).toBe(1);
    expect(found.living.map(({ mistake }) => mistake)).toEqual(['number', 'number']);
    const idle = await outcome({ 'a.rego': excused, 'a_test.rego': EDGES });
    expect(idle.idleExcuses.map(({ row }) => row)).toEqual([3]);
  });

  it('refuses a comment without a reason', async () => {
    const bare = RULE.replace('ok if', '# countersign-mutate: comparison lives\nok if');
    await expect(outcome({ 'a.rego': bare, 'a_test.rego': EDGES })).rejects.toThrow(
      'a.rego:3: write `# countersign-mutate:',
    );
  });

  it('refuses to begin where tests or fixtures fail already', async () => {
    const broken = TEST.replace('{"amount": 1}', '{"amount": 9}');
    await expect(outcome({ 'a.rego': RULE, 'a_test.rego': broken })).rejects.toThrow('tests fail without any mistake');
    await expect(outcome({ 'a.rego': RULE, 'a_test.rego': TEST }, () => true)).rejects.toThrow(
      'fixtures are not decided',
    );
  });

  it('finds what only tests of another package notice', async () => {
    const user = 'package b\n\nimport data.a\n\npays if a.ok\n';
    const far = EDGES.replace('package a_test', 'package b_test')
      .replace('data.a\n', 'data.b\n')
      .replaceAll('a.ok', 'b.pays');
    const found = await outcome({ 'a.rego': RULE, 'b.rego': user, 'b_test.rego': far });
    expect(found.living).toEqual([]);
  });

  it('tries the same sample for the same seed, and another for another', async () => {
    const quarry = await quarryOf(directory, { 'a.rego': RULE, 'a_test.rego': TEST });
    const tried = async (seed: number) => {
      const { fates } = await hunt(quarry, { opa: findOpa(), seed, sample: 2 });
      return [...fates.keys()].map(({ start, replacement }) => `${start} ${replacement}`).sort();
    };
    expect(await tried(4)).toEqual(await tried(4));
    const samples = new Set((await Promise.all([1, 2, 3, 4].map(tried))).map(String));
    expect(samples.size).toBeGreaterThan(1);
  });

  it('begins nothing more when its time is over, and leaves the files as they were', async () => {
    const quarry = await quarryOf(directory, { 'a.rego': RULE, 'a_test.rego': TEST });
    const { fates, all } = await hunt(quarry, { opa: findOpa(), seed: 1, seconds: 0 });
    expect(all).toBe(5);
    expect(fates.size).toBe(0);
    expect(await readFile(join(directory, 'a.rego'), 'utf8')).toBe(RULE);
  });
});
