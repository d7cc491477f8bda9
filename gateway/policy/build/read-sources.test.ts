import { describe, expect, it } from 'vitest';
import { readJson } from './read-json.ts';
import { readYaml } from './read-yaml.ts';
import { OtherNumber } from './source-value.ts';

describe('JSON that people wrote', () => {
  it('is read with exact integers of any size', () => {
    expect(readJson('{"a":[18446744073709551617,-3]}', 'x')).toEqual({ a: [18_446_744_073_709_551_617n, -3n] });
  });

  it.each(['1.0', '1e3', '-0.5', '1E400000000'])('keeps %s as it was written', (text) => {
    expect(readJson(text, 'x')).toEqual(new OtherNumber(text));
  });

  it.each([
    ['{"a":1,"a":2}', 'a stands in it twice'],
    ['{"a":{"b":[1,{"c":1,"d":[{}],"c":2}]}}', 'a.b[1].c stands in it twice'],
    ['{"a":1,"\\u0061":2}', 'a stands in it twice'],
    ['{"a b":{"x":",{","x":1}}', '["a b"].x stands in it twice'],
  ])('cannot have a key twice: %s', (text, told) => {
    expect(() => readJson(text, 'data')).toThrow(`data cannot be read: ${told}`);
  });

  it.each(['{"a":"a","b":"a"}', '{"a":{"a":{"a":1}}}', '[{"a":1},{"a":1}]', '{"a":[",","a",{}],"b":"\\"a\\":1"}'])(
    'may have the same text elsewhere: %s',
    (text) => {
      expect(() => readJson(text, 'data')).not.toThrow();
    },
  );
});

describe('YAML that people wrote', () => {
  it('is read as JSON would be', () => {
    const text =
      'a: 18446744073709551617\nb: [1, "1", true, null, no, 2026-01-01]\n11111111111111111111111111111111: x\n';
    expect(readYaml(text, 'x')).toEqual({
      a: 18_446_744_073_709_551_617n,
      b: [1n, '1', true, null, 'no', '2026-01-01'],
      '11111111111111111111111111111111': 'x',
    });
  });

  it.each(['1.5', '0x10', '007', '+5', '1e3', '.inf', '0o7'])('keeps %s as it was written, and no integer', (text) => {
    expect(readYaml(`a: ${text}`, 'x')).toEqual({ a: new OtherNumber(text) });
  });

  it('may repeat a part by an alias', () => {
    expect(readYaml('a: &x {n: 1}\nb: *x\n', 'x')).toEqual({ a: { n: 1n }, b: { n: 1n } });
  });

  it('may not be a bomb of aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 9; n++)
      lines.push(
        `a${n}: &a${n} [${Array(10)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );
    expect(() => readYaml(lines.join('\n'), 'bomb')).toThrow('bomb cannot be read: its aliases repeat more than 10000');
  });

  it('may not refer to itself', () => {
    expect(() => readYaml('a: &a [*a]', 'loop')).toThrow('loop cannot be read');
  });

  it.each([
    ['a: 1\na: 2\n', 'line 2, column 1: Map keys must be unique'],
    ['1: x\n"1": y\n', 'Map keys must be unique'],
    ['a: !!binary aGk=\n', 'it holds something that JSON has not'],
    ['a: [1\n', 'line 2'],
    ['a: 1\n---\nb: 2\n', 'multiple documents'],
    ['? [a]\n: 1\n', 'string'],
  ])('is refused with its place: %j', (text, told) => {
    expect(() => readYaml(text, 'file')).toThrow(told);
  });
});
