import { expect, it } from 'vitest';
import { withRemedies } from './remedies.ts';

it.each([
  ['a.rego:6: rego_type_error: undefined function time.now_ns', 'a policy has no clock: take times from input.request'],
  ['undefined function div', 'multiply across'],
  ['undefined function sprintf', 'template strings'],
  ['undefined function http.send', 'a policy judges its input and its data alone'],
  ['undefined function rand.intn', 'the same input must give the same decision'],
  ['undefined function crypto.sha256', 'only the functions of policies/capabilities.json'],
  ['undefined function ghost', 'neither a rule of this package nor a function of policies/capabilities.json'],
])('says what to do about "%s"', (line, remedy) => {
  const [first, second, ...others] = withRemedies(`2 errors occurred:\n${line}`).split('\n');
  expect(first).toBe('2 errors occurred:');
  expect(second?.startsWith(`${line}; `)).toBe(true);
  expect(second).toContain(remedy);
  expect(others).toEqual([]);
});

it('leaves what it knows nothing about as it is', () => {
  expect(withRemedies('a.rego:1: rego_parse_error: unexpected eof')).toBe('a.rego:1: rego_parse_error: unexpected eof');
});
