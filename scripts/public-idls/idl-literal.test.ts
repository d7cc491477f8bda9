import { describe, expect, it } from 'vitest';
import { findIdlLiteral } from './idl-literal.ts';

const WANTED = { name: 'pool', version: '1.0.0' };

describe('an IDL in a script', () => {
  it('is found by name and version, and read without running anything', () => {
    const script = `
      throw new Error('run');
      const other = { name: 'pool', version: '0.9.0', instructions: [] };
      export const IDL = { "name": \`pool\`, version: "1.0.0", instructions: [{ isMut: !0, isSigner: !1, value: -3, docs: [null] }] };
    `;
    expect(findIdlLiteral(script, WANTED)).toEqual({
      name: 'pool',
      version: '1.0.0',
      instructions: [{ isMut: true, isSigner: false, value: -3, docs: [null] }],
    });
  });

  it('may have name and version in its metadata', () => {
    const script = 'export var x = { address: "a", metadata: { name: "pool", version: "1.0.0" }, instructions: [] };';
    expect(findIdlLiteral(script, WANTED)).toMatchObject({ address: 'a' });
  });

  it.each([
    ['is not there', 'const a = { name: "pool", version: "1.0.0" };', 'no IDL pool 1.0.0 stands in the script'],
    ['is computed', 'const a = { name: "pool", version: "1.0.0", instructions: make() };', 'holds a CallExpression'],
    [
      'is put together',
      'const a = { name: "pool", version: "1.0.0", instructions: [...b] };',
      'a list in the IDL is not plain',
    ],
    [
      'is spread',
      'const a = { name: "pool", version: "1.0.0", instructions: [], ...b };',
      'an object in the IDL is not plain',
    ],
    [
      'has computed keys',
      'const a = { name: "pool", version: "1.0.0", instructions: [], [b]: 1 };',
      'an object in the IDL is not plain',
    ],
  ])('is refused when it %s', (_what, script, told) => {
    expect(() => findIdlLiteral(script, WANTED)).toThrow(told);
  });
});
