import { describe, expect, it } from 'vitest';
import { rule } from './checks/example-rule.ts';
import { codesIn, lintFiles } from './testing/lint-files.ts';

const FILE = 'rules/example/example.rego';
const DIVISION = 'input.effects.fee.total_lamports / 2 == 1';

function without(codes: readonly string[]): readonly string[] {
  return codes.filter((code) => /^(division|suppression)/.test(code));
}

describe('a comment to the linter', () => {
  it('lets a finding of the next line stand, and one of its own line', async () => {
    const comment = '# countersign-lint: allow division because it is an even number';
    const { findings, suppressed } = await lintFiles({ [FILE]: rule(`${comment}\n${DIVISION}`) });
    expect(findings.map(({ code }) => code)).not.toContain('division');
    expect(suppressed.map(({ code }) => code)).toEqual(['division']);
    expect(without(await codesIn({ [FILE]: rule(`${DIVISION} ${comment}`) }))).toEqual([]);
  });

  it('speaks of the line after the last comment where several follow each other', async () => {
    const comment = '# countersign-lint: allow division because it is an even number';
    expect(without(await codesIn({ [FILE]: rule(`${comment}\n# Halves it.\n${DIVISION}`) }))).toEqual([]);
  });

  it('counts in YAML too', async () => {
    const text =
      'wallets:\n  treasury:\n    # countersign-lint: allow guard-waived because another rule names recipients\n    waived: [address_allowlist]\n';
    const { findings, suppressed } = await lintFiles({ 'data/agents/a.yaml': text });
    expect(findings).toEqual([]);
    expect(suppressed.map(({ code }) => code)).toEqual(['guard-waived']);
  });

  it.each([
    ['has no reason', '# countersign-lint: allow division', 'it cannot read'],
    ['names no code', '# countersign-lint: allow divisions because it is even', 'there is no code divisions'],
    [
      'speaks of another line',
      `# countersign-lint: allow division because it is even\ntrue`,
      'nothing here is found as division',
    ],
  ])('is an error where it %s, and then the finding stands', async (_, comment, what) => {
    const { findings } = await lintFiles({ [FILE]: rule(`${comment}\n${DIVISION}`) });
    expect(findings.map(({ code }) => code)).toContain('division');
    expect(findings.find(({ code }) => code === 'suppression')?.what).toContain(what);
  });
});
