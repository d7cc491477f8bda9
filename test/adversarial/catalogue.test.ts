import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ATTACK_CLASSES, tagOf } from './catalogue.ts';
import { type TestCase, testCasesOf } from './tagged-cases.ts';

const TAG = /\[\d+ [^\]]+\]/g;
const AT_LEAST = 3;

let casesOf: ReadonlyMap<string, readonly TestCase[]>;

beforeAll(async () => {
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.test.ts'));
  const read = async (file: string) =>
    [file, testCasesOf(file, await readFile(join(import.meta.dirname, file), 'utf8'))] as const;
  casesOf = new Map(await Promise.all(files.map(read)));
});

describe('the catalogue of attacks', () => {
  it.each(ATTACK_CLASSES.map((attackClass) => [tagOf(attackClass), attackClass] as const))(
    '%s has at least three attacks, and an honest twin',
    (tag, { files }) => {
      const cases = files.flatMap((file) => casesOf.get(file) ?? []).filter(({ title }) => title.includes(tag));
      const twins = cases.filter(({ title }) => title.includes('twin:'));
      expect(cases.length - twins.length, 'attacks').toBeGreaterThanOrEqual(AT_LEAST);
      expect(twins.length, 'twins').toBeGreaterThanOrEqual(1);
    },
  );

  it('names exactly the files that have cases of a class', () => {
    for (const attackClass of ATTACK_CLASSES) {
      const holding = [...casesOf]
        .filter(([, cases]) => cases.some(({ title }) => title.includes(tagOf(attackClass))))
        .map(([file]) => file);
      expect(attackClass.files.toSorted(), tagOf(attackClass)).toEqual(holding.toSorted());
    }
  });

  it('has every tag that a test bears', () => {
    const known = new Set(ATTACK_CLASSES.map(tagOf));
    const borne = [...casesOf.values()].flat().flatMap(({ title }) => title.match(TAG) ?? []);
    expect(borne.filter((tag) => !known.has(tag))).toEqual([]);
  });
});
