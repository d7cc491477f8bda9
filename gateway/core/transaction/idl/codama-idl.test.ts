import { describe, expect, it } from 'vitest';
import {
  bool,
  bytes,
  constant,
  field,
  fixed,
  KEY,
  KEY_TEXT,
  link,
  numberValue,
  SIDE,
  struct,
} from './testing/codama-nodes.ts';
import {
  codamaIdl,
  codamaProgram,
  codamaTag,
  decode,
  number,
  PROGRAM,
  readCodama,
  SOMEBODY,
} from './testing/idl-samples.ts';

const bytesValue = (encoding: string, data: string) => ({ kind: 'bytesValueNode', encoding, data });

describe('an instruction of a Codama IDL is told by', () => {
  const instruction = (name: string, args: readonly unknown[], discriminators: readonly unknown[]) => ({
    kind: 'instructionNode',
    name,
    accounts: [],
    arguments: args,
    discriminators,
  });
  const argument = (name: string, type: unknown, defaultValue?: unknown) => ({
    kind: 'instructionArgumentNode',
    name,
    type,
    ...(defaultValue === undefined ? {} : { defaultValue, defaultValueStrategy: 'omitted' }),
  });
  const byField = (name: string, offset = 0) => ({ kind: 'fieldDiscriminatorNode', name, offset });
  const name = (idl: unknown, data: readonly number[]) => {
    const decoded = decode(idl, data);
    return decoded.kind === 'unknown' ? decoded.reason : decoded.name;
  };

  it('a field, and a second one behind it', () => {
    const sub = (value: number) => argument('sub', number('u8'), numberValue(value));
    const idl = codamaProgram([
      instruction('setFee', [codamaTag(4), sub(0)], [byField('discriminator'), byField('sub', 1)]),
      instruction('setOwner', [codamaTag(4), sub(1)], [byField('discriminator'), byField('sub', 1)]),
      instruction('stop', [codamaTag(5)], [byField('discriminator')]),
    ]);
    expect([name(idl, [4, 0]), name(idl, [4, 1]), name(idl, [5])]).toEqual(['set_fee', 'set_owner', 'stop']);
    expect(name(idl, [4, 2])).toBe('the IDL has no instruction that begins with 0x0402');
    expect(name(idl, [4])).toBe('the IDL has no instruction that begins with 0x04');
    expect(name(idl, [])).toBe('the IDL has no instruction that begins with no data');
  });

  it.each([
    ['base16', '0102ff'],
    ['base58', 'LiA'],
    ['base64', 'AQL/'],
  ])('bytes that the IDL writes in %s', (encoding, data) => {
    const idl = codamaProgram([
      instruction('act', [argument('tag', fixed(bytes, 3), bytesValue(encoding, data))], [byField('tag')]),
      instruction('other', [codamaTag(9)], [byField('discriminator')]),
    ]);
    expect(name(idl, [1, 2, 255])).toBe('act');
    expect(name(idl, [1, 2, 254])).toBe('the IDL has no instruction that begins with 0x0102fe');
  });

  it('constants anywhere, and the size of the data', () => {
    const at = (offset: number, value: number) => ({
      kind: 'constantDiscriminatorNode',
      offset,
      constant: constant(number('u8'), numberValue(value)),
    });
    const size = (value: number) => ({ kind: 'sizeDiscriminatorNode', size: value });
    const idl = codamaProgram([
      instruction('short', [argument('all', bytes)], [size(1)]),
      instruction('third', [argument('all', bytes)], [at(2, 7), size(3)]),
      instruction('fourth', [argument('all', bytes)], [at(2, 8)]),
    ]);
    expect([name(idl, [0]), name(idl, [0, 0, 7]), name(idl, [1, 1, 8, 9])]).toEqual(['short', 'third', 'fourth']);
    expect(name(idl, [0, 0, 7, 0])).toBe('the IDL has no instruction that begins with 0x00000700');
  });

  it('a number in big endian', () => {
    const idl = codamaProgram([
      instruction('act', [argument('tag', number('u16', 'be'), numberValue(0x0102))], [byField('tag')]),
    ]);
    expect(name(idl, [1, 2])).toBe('act');
    expect(name(idl, [2, 1])).toBe('the IDL has no instruction that begins with 0x0201');
  });

  it('a public key and a variant behind it', () => {
    const idl = codamaProgram(
      [
        instruction(
          'act',
          [
            argument('key', { kind: 'publicKeyTypeNode' }, { kind: 'publicKeyValueNode', publicKey: KEY_TEXT }),
            argument('side', link('orderSide'), { kind: 'enumValueNode', enum: link('orderSide'), variant: 'sellIt' }),
          ],
          [byField('key'), byField('side', 32)],
        ),
        instruction('other', [codamaTag(9)], [byField('discriminator')]),
      ],
      [SIDE],
    );
    expect(name(idl, [...KEY, 7])).toBe('act');
    expect(name(idl, [...KEY, 0])).toBe('the IDL has no instruction that begins with 0x0001020304050607');
  });

  it('and what tells it is no argument, but other constants are', () => {
    const idl = codamaProgram([
      instruction('act', [codamaTag(9), argument('version', number('u8'), numberValue(1))], [byField('discriminator')]),
    ]);
    expect(decode(idl, [9, 2])).toMatchObject({ name: 'act', arguments: { version: 2n } });
  });
});

describe('a Codama IDL with several programs', () => {
  const usd = { kind: 'definedTypeNode', name: 'usd', type: number('u16') };
  const oracle = {
    kind: 'programNode',
    name: 'oracle',
    publicKey: SOMEBODY,
    version: '1.0.0',
    instructions: [],
    definedTypes: [usd],
  };

  it('may link to types of another', () => {
    const idl = { ...codamaIdl(link('usd', 'oracle')), additionalPrograms: [oracle] };
    expect(readCodama(idl, [1, 0])).toEqual({ value: 1n });
  });

  it('links within a type of another program to that one', () => {
    const price = { kind: 'definedTypeNode', name: 'price', type: struct(field('inUsd', link('usd'))) };
    const idl = {
      ...codamaIdl(link('price', 'oracle'), [{ ...usd, type: bool }]),
      additionalPrograms: [{ ...oracle, definedTypes: [usd, price] }],
    };
    expect(readCodama(idl, [1, 2])).toEqual({ value: { in_usd: 0x201n } });
  });

  it('describes the main one only', () => {
    const idl = { ...codamaIdl(bool), additionalPrograms: [oracle] };
    expect(decode(idl, [9, 1])).toMatchObject({ program: PROGRAM, programName: 'sample' });
  });
});
