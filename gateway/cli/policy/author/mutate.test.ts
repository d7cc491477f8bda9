import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GUARDS } from '../../../policy/build/data-schema.ts';
import { fakeTerminal } from '../../testing/fake-terminal.ts';

const RULE = `package countersign.rules.small

default verdict := {"decision": "deny", "reasons": [{"code": "LARGE", "message": "is large", "remedy": "allowed: small ones", "facts": {}}]}

verdict := {"decision": "allow", "reasons": []} if input.transaction.size <= 500
`;
const TEST = `package countersign.rules.small_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.small.verdict

decided(size) := v if {
	v := verdict with input as fixtures.request_with("/transaction/size", size)
}

test_allow_small if decided(500) == {"decision": "allow", "reasons": []}

test_deny_large if {
	every size in [501, 1232] {
		v := decided(size)
		v.decision == "deny"
		v.reasons[0].code == "LARGE"
	}
}
`;

describe('countersign policy mutate', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-mutate-'));
    await write('policy.yaml', 'name: small\n');
    await write(
      'data/agents/trader.yaml',
      `wallets:\n  treasury:\n    enabled: [small]\n    waived: [${GUARDS.join(', ')}]\n`,
    );
    await write('rules/small/small.rego', RULE);
    await write('rules/small/small_test.rego', TEST);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function write(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), text);
  }

  it('exits 0 where every mistake is noticed', async () => {
    const terminal = fakeTerminal({});
    expect(await terminal.run('policy', 'mutate', directory)).toBe(0);
    expect(terminal.out).toEqual([
      '8 mutants: 8 killed, 0 refused by opa, 0 live, 0 excused by comments',
      '0 facts taken away from 0 fixtures that are not denied: 0 denied',
    ]);
  });

  it('prints what the tests let live, with the lines that change, and exits 1', async () => {
    await write('rules/small/small_test.rego', TEST.replace('[501, 1232]', '[1232]'));
    const terminal = fakeTerminal({});
    expect(await terminal.run('policy', 'mutate', directory)).toBe(1);
    expect(terminal.out.slice(0, 3)).toEqual([
      'rules/small/small.rego:5:78: number lives: no test fails without this',
      '    - verdict := {"decision": "allow", "reasons": []} if input.transaction.size <= 500',
      '    + verdict := {"decision": "allow", "reasons": []} if input.transaction.size <= 501',
    ]);
    expect(await terminal.run('policy', 'mutate', directory, '--allow-living', '1')).toBe(0);
  });

  it('tries a sample on demand', async () => {
    const terminal = fakeTerminal({});
    expect(await terminal.run('policy', 'mutate', directory, '--sample', '2', '--seed', '3')).toBe(0);
    expect(terminal.out[0]).toBe('2 of 8 mutants: 2 killed, 0 refused by opa, 0 live, 0 excused by comments');
  });

  it('says so where tests fail already, and what a wrong option should be', async () => {
    await write('rules/small/small_test.rego', TEST.replace('decided(500)', 'decided(501)'));
    const terminal = fakeTerminal({});
    expect(await terminal.run('policy', 'mutate', directory)).toBe(1);
    expect(terminal.err[0]).toContain('tests fail without any mistake; make them pass first');
    expect(await terminal.run('policy', 'mutate', directory, '--sample', 'some')).toBe(2);
  });
});
