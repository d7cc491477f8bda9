import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../testing/fake-terminal.ts';

const WALLET = 'wallets:\n  treasury:\n    enabled: [fee_limit]\n';

describe('countersign policy lint', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-lint-'));
    await mkdir(join(directory, 'data'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('prints place, code, cost and fix of an error, and exits 1', async () => {
    await writeFile(join(directory, 'data', 'trader.yaml'), `${WALLET}    fee_limit: {max_fee_lamports: 0.5}\n`);
    const terminal = fakeTerminal({});
    expect(await terminal.run('policy', 'lint', directory)).toBe(1);
    expect(terminal.out[0]).toBe('data/trader.yaml:4:35: error fraction: 0.5 is no plain integer');
    expect(terminal.out[1]).toMatch(/^ {4}costs: amounts are integers/);
    expect(terminal.out[2]).toMatch(/^ {4}fix: write base units/);
    expect(terminal.out[3]).toBe('1 file: 1 error, 0 warnings');
  });

  it('exits 0 where there are warnings only', async () => {
    await writeFile(join(directory, 'data', 'trader.yaml'), `${WALLET}    rate_limit: {per_window: []}\n`);
    const terminal = fakeTerminal({});
    expect(await terminal.run('policy', 'lint', directory)).toBe(0);
    expect(terminal.out[0]).toContain('warning settings-unused');
  });

  it('prints one JSON document on demand', async () => {
    await writeFile(join(directory, 'data', 'trader.yaml'), `${WALLET}    fee_limit: {max_fee_lamports: 0.5}\n`);
    const terminal = fakeTerminal({});
    expect(await terminal.run('policy', 'lint', directory, '--format', 'json')).toBe(1);
    expect(JSON.parse(terminal.out.join('\n'))).toMatchObject({
      v: 1,
      files: 1,
      suppressed: [],
      findings: [{ code: 'fraction', level: 'error', file: 'data/trader.yaml', row: 4, col: 35 }],
    });
  });

  it('says so where there is nothing to lint, and where a file does not parse', async () => {
    const empty = fakeTerminal({});
    expect(await empty.run('policy', 'lint', directory)).toBe(1);
    expect(empty.err[0]).toContain('holds no Rego (*.rego) and no policy data');
    await writeFile(join(directory, 'a.rego'), 'package a\n\nx := := 1\n');
    const broken = fakeTerminal({});
    expect(await broken.run('policy', 'lint', directory)).toBe(1);
    expect(broken.err[0]).toContain('a.rego');
  });
});
