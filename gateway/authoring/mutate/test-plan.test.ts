import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestPlan, testPlan } from './test-plan.ts';
import { modulesOf } from './testing/small-policy.ts';

const FILES = {
  'rule.rego': 'package p.rule\n\nimport data.p.words\n\nok if words.short(input.text)\n',
  'words.rego': 'package p.words\n\nshort(text) if count(text) < 5\n',
  'other.rego': 'package p.other\n\nok if true\n',
  'main.rego': 'package p.main\n\nall contains name if data.p[name].ok\n',
  'rule_test.rego':
    'package p.rule_test\n\nimport data.p.rule\n\nasked(text) if rule.ok with input as {"text": text}\n\ntest_short if asked("a")\n',
  // Of the same package, and without an import of its own.
  'rule_long_test.rego': 'package p.rule_test\n\ntest_long if not asked("abcdef")\n',
  'other_test.rego': 'package p.other_test\n\nimport data.p.other\n\ntest_other if other.ok\n',
  'main_test.rego': 'package p.main_test\n\nimport data.p.main\n\ntest_main if main.all with input as {"text": "a"}\n',
};

describe('the plan of tests', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-plan-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function plan(durations: Readonly<Record<string, number>> = {}): Promise<TestPlan> {
    const modules = await modulesOf(directory, FILES);
    return testPlan(modules, (file) => file.endsWith('_test.rego'), new Map(Object.entries(durations)));
  }

  function names(run: string): readonly string[] {
    return (run.match(/test_\w+(?=[|)])/g) ?? []).toSorted();
  }

  it('asks the tests that name the package first, then those that reach it', async () => {
    const stages = (await plan()).stagesFor('rule.rego');
    expect(stages.map(({ run }) => names(run))).toEqual([['test_long', 'test_short'], ['test_main']]);
  });

  it('asks through helpers: what a rule uses is noticed by the tests of the rule', async () => {
    const stages = (await plan()).stagesFor('words.rego');
    expect(stages.flatMap(({ run }) => names(run)).toSorted()).toEqual(['test_long', 'test_main', 'test_short']);
    expect(stages.flatMap(({ run }) => names(run))).not.toContain('test_other');
  });

  it('loads whole packages of tests, and what they need', async () => {
    const [first] = (await plan({ 'data.p.rule_test.test_long': 1, 'data.p.rule_test.test_short': 90_000 })).stagesFor(
      'rule.rego',
    );
    expect(names(first?.run ?? '')).toEqual(['test_long']);
    expect(first?.files).toEqual(['rule.rego', 'rule_long_test.rego', 'rule_test.rego', 'words.rego']);
  });

  it('runs quick tests before slow ones', async () => {
    const durations = { 'data.p.rule_test.test_long': 3_000, 'data.p.rule_test.test_short': 5 };
    const stages = (await plan(durations)).stagesFor('rule.rego');
    expect(stages.map(({ run }) => names(run))).toEqual([['test_short'], ['test_long'], ['test_main']]);
  });

  it('takes a package whose name is computed for one that needs all below', async () => {
    const stages = (await plan()).stagesFor('other.rego');
    expect(stages.map(({ run }) => names(run))).toEqual([['test_other'], ['test_main']]);
    expect(stages[1]?.files).toEqual(['main.rego', 'main_test.rego', 'other.rego', 'rule.rego', 'words.rego']);
  });

  it('has nothing near where no test names a file', async () => {
    expect((await plan()).nearest(new Set(['main_test.rego', 'nothing.rego']))?.files).toContain('main_test.rego');
    expect((await plan()).nearest(new Set(['nothing.rego']))).toBeNull();
  });
});
