import { describe, expect, it } from 'vitest';
import { ALL_CHECKS } from './all-checks.ts';
import { lintFiles } from './testing/lint-files.ts';

describe.each(ALL_CHECKS)('$code', ({ code, level, example, why, fix }) => {
  it('is found in its bad example, with its place', async () => {
    const found = (await lintFiles(example.bad)).findings.filter((finding) => finding.code === code);
    expect(found).not.toEqual([]);
    for (const { at, ...rest } of found) {
      expect(rest).toMatchObject({ level, why, fix });
      expect(Object.keys(example.bad)).toContain(at.file);
      expect(at.row).toBeGreaterThan(0);
      expect(at.col).toBeGreaterThan(0);
    }
  });

  it('is not found in its good example', async () => {
    const { findings } = await lintFiles(example.good);
    expect(findings.filter((finding) => finding.code === code)).toEqual([]);
  });
});

it('gives every check a code of its own, in lower case with hyphens', () => {
  const codes = ALL_CHECKS.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code).toMatch(/^[a-z]+(-[a-z0-9]+)+$|^[a-z]+$/);
});
