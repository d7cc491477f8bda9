import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { edited, type Mutant } from './mutant.ts';
import { mutantsOf } from './mutants-of.ts';
import { modulesOf } from './testing/small-policy.ts';

describe('mutantsOf', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-mutants-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function mutants(body: string): Promise<readonly Mutant[]> {
    const [module] = await modulesOf(directory, { 'a.rego': `package a\n\n${body}\n` });
    return module === undefined ? [] : mutantsOf(module);
  }

  /** What stands instead, by mistake. */
  async function replacements(body: string, mistake: string): Promise<readonly string[]> {
    return (await mutants(body)).filter((mutant) => mutant.mistake === mistake).map(({ replacement }) => replacement);
  }

  it.each([
    ['a < b', ['<=', '>=']],
    ['a <= b', ['<', '>']],
    ['a > b', ['>=', '<=']],
    ['a >= b', ['>', '<']],
    ['a == b', ['!=']],
    ['a != b', ['==']],
  ])('turns the comparison %s into %j', async (comparison, expected) => {
    expect(await replacements(`x if input.${comparison.replace('b', 'input.b')}`, 'comparison')).toEqual(expected);
  });

  it('drops each condition, also within every and within a comprehension, but none that binds a variable', async () => {
    const body =
      'x if {\n\ty := input.y\n\tis_number(y)\n\tevery z in y { z > 1 }\n\tcount([w | some w in y; w == 2]) > 0\n}';
    const dropped = (await mutants(body)).filter(({ mistake }) => mistake === 'condition');
    expect(dropped.map(({ start, end }) => `package a\n\n${body}\n`.slice(start, end))).toEqual([
      'is_number(y)',
      'every z in y { z > 1 }',
      'z > 1',
      'count([w | some w in y; w == 2]) > 0',
      'w == 2',
    ]);
  });

  it('negates a call and takes a negation away', async () => {
    expect(await replacements('x if {\n\tis_string(input.a)\n\tnot input.b\n}', 'negation')).toEqual([
      'not is_string(input.a)',
      'input.b',
    ]);
  });

  it('makes every into some', async () => {
    const [some] = await replacements('x if every y in input.z {\n\ty == 1\n}', 'every');
    expect(some).toBe('count([1 |\nsome y in input.z\ny == 1\n]) > 0');
  });

  it('moves numbers by one, exactly, and never below zero', async () => {
    expect(await replacements('x := 18446744073709551615', 'number')).toEqual([
      '18446744073709551616',
      '18446744073709551614',
    ]);
    expect(await replacements('x := 0', 'number')).toEqual(['1']);
  });

  it('takes out one of several definitions, and each else', async () => {
    const found = await mutants('f(1) := 2\n\nf(3) := 4\n\ng := 5 if {\n\tinput.x\n} else := 6');
    const gone = found.filter(({ mistake }) => mistake === 'alternative').map(({ before }) => before);
    expect(gone).toEqual(['f(1) := 2', 'f(3) := 4', '} else := 6']);
  });

  it('changes decisions, constants, codes and sums, and empties what a search gathers', async () => {
    expect(await replacements('x := {"decision": "deny", "code": "LIMIT"}', 'decision')).toEqual(['"allow"']);
    expect(await replacements('x := {"decision": "deny", "code": "LIMIT"}', 'constant')).toEqual(['"LIMIT_"']);
    expect(await replacements('x if input.k in {"a", "b"}', 'constant')).toEqual(['"a_"', '"b_"']);
    expect(await replacements('x := sum([y | some y in input.z])', 'aggregate')).toEqual(['max']);
    expect(await replacements('x := sum([y | some y in input.z])', 'gathering')).toEqual(['[]']);
    expect(await replacements('x := input.a + input.b', 'arithmetic')).toEqual(['-']);
  });

  it('leaves texts for people, template strings and names of members alone', async () => {
    expect(
      await mutants(
        'x := {"message": "found", "remedy": $"at most {input.a} is allowed", "facts": {"asset": input["b"]}}',
      ),
    ).toEqual([]);
  });

  it('leaves a default alone that only stands for its type', async () => {
    expect(await replacements('x if is_number(object.get(input, "a", 5))', 'number')).toEqual([]);
    expect(await replacements('x if object.get(input, "a", 5) > input.b', 'number')).toEqual(['6', '4']);
  });

  it('edits real text: each mutant differs from its source in the lines that it shows', async () => {
    const body = '# ü𝄞\nx := "ü𝄞" if input.a == "b"; y := 1';
    const source = `package a\n\n${body.replace('; y := 1', '')}\n`;
    const found = await mutants(body.replace('; y := 1', ''));
    expect(found.length).toBeGreaterThan(1);
    for (const mutant of found) {
      expect(source).toContain(mutant.before);
      expect(edited(source, mutant)).toBe(source.replace(mutant.before, () => mutant.after));
      expect(mutant.row).toBe(4);
    }
  });
});
