import { describe, expect, it } from 'vitest';
import { readIdl } from './read-idl.ts';
import {
  anchorIdl,
  codamaIdl,
  newAnchorIdl,
  number,
  oldAnchorIdl,
  PROGRAM,
  problemsOf,
  SOMEBODY,
} from './testing/idl-samples.ts';

const act = { name: 'act', discriminator: [1], accounts: [], args: [] };
const oldAct = { name: 'act', accounts: [], args: [] };
const _deep = (levels: number): unknown => (levels === 0 ? 'u8' : { option: _deep(levels - 1) });

describe('no IDL at all', () => {
  const neither =
    'neither an Anchor IDL (name and instructions, or metadata.spec) nor a Codama IDL (kind "rootNode"); nothing else can be read';
  it.each<[string, unknown, string]>([
    ['a list', [], 'an IDL must be a JSON object'],
    ['null', null, 'an IDL must be a JSON object'],
    ['an empty object', {}, neither],
    ['an object with other keys', { name: 'sample', version: '1' }, neither],
    [
      'a later spec of Anchor',
      { ...anchorIdl('u8'), metadata: { name: 'sample', spec: '0.2.0' } },
      'metadata.spec: must be "0.1.0", not "0.2.0"',
    ],
    [
      'a tree of Kinobi',
      { ...codamaIdl(number('u8')), standard: undefined },
      'an IDL with a kind must be a rootNode of the standard "codama"',
    ],
    [
      'a later version of Codama',
      { ...codamaIdl(number('u8')), version: '2.0.0' },
      'version: must be a version 1 of Codama, not "2.0.0"',
    ],
    [
      'a node that is no root',
      { kind: 'programNode', standard: 'codama' },
      'an IDL with a kind must be a rootNode of the standard "codama"',
    ],
  ])('%s', (_what, idl, problem) => {
    expect(problemsOf(idl)).toEqual([problem]);
  });
});

describe('an IDL of another program', () => {
  const told = (path: string) => [`${path}: is "${SOMEBODY}", but the file is for ${PROGRAM}`];
  const program = codamaIdl(number('u8')).program;
  it.each<[string, unknown, string]>([
    ['of Anchor', { ...anchorIdl('u8'), address: SOMEBODY }, 'address'],
    ['of old Anchor', { ...oldAnchorIdl([oldAct]), metadata: { address: SOMEBODY } }, 'metadata.address'],
    ['of Codama', { ...codamaIdl(number('u8')), program: { ...program, publicKey: SOMEBODY } }, 'program.publicKey'],
  ])('%s', (_what, idl, path) => {
    expect(problemsOf(idl)).toEqual(told(path));
  });

  it('must say its address where its generation has one', () => {
    expect(problemsOf({ ...anchorIdl('u8'), address: undefined })).toEqual([
      'address: must be the address of the program',
    ]);
  });
});

describe('hostile JSON', () => {
  it.each(['__proto__', 'constructor', 'toString'])('with the key %s in place of a type changes nothing', (key) => {
    const type = JSON.parse(`{"${key}": "u8"}`);
    expect(problemsOf(anchorIdl(type))).toEqual([
      `instructions[0].args[0].type: is no type that can be read: "${key}"`,
    ]);
  });

  it('cannot name an argument __proto__', () => {
    const idl = newAnchorIdl([{ ...act, args: [{ name: '__proto__', type: 'u8' }] }]);
    const read = readIdl(idl, PROGRAM);
    expect(read.kind === 'read' && read.program.instructions[0]?.arguments[0]?.name).toBe('proto');
  });

  it('a million levels deep is refused', () => {
    const type = JSON.parse(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`);
    expect(problemsOf(anchorIdl(type))).toEqual(['instructions[0].args[0].type: is no type that can be read: a list']);
  });
});
