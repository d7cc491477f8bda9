import { describe, expect, it } from 'vitest';
import { codamaIdl, codamaProgram, codamaTag, number, problemsOf } from './testing/idl-samples.ts';

describe('a Codama IDL is refused for', () => {
  const bytes = { kind: 'bytesTypeNode' };
  const link = { kind: 'definedTypeLinkNode', name: 'pool' };
  const at = 'program.instructions[0]';
  const value = `${at}.arguments[1].type`;
  const instruction = (change: object) =>
    codamaProgram([
      {
        kind: 'instructionNode',
        name: 'act',
        accounts: [],
        arguments: [codamaTag(9)],
        discriminators: [{ kind: 'fieldDiscriminatorNode', name: 'discriminator', offset: 0 }],
        ...change,
      },
    ]);
  const constant = (type: unknown, inner: unknown) => ({ kind: 'constantValueNode', type, value: inner });
  const tagged = (type: unknown, defaultValue: unknown) =>
    instruction({ arguments: [{ ...codamaTag(9), type, defaultValue }] });

  it.each<[string, unknown, string]>([
    [
      'a type node that is not known',
      codamaIdl({ kind: 'wideTypeNode' }),
      `${value}: the type node "wideTypeNode" cannot be read`,
    ],
    [
      'an offset before',
      codamaIdl({ kind: 'preOffsetTypeNode', offset: 4, strategy: 'relative', type: bytes }),
      `${value}: the type node "preOffsetTypeNode" cannot be read`,
    ],
    [
      'an offset behind',
      codamaIdl({ kind: 'postOffsetTypeNode', offset: 4, strategy: 'padded', type: bytes }),
      `${value}: the type node "postOffsetTypeNode" cannot be read`,
    ],
    [
      'a number format that is not known',
      codamaIdl(number('u7')),
      `${value}.format: the number format "u7" cannot be read`,
    ],
    [
      'a float in big endian',
      codamaIdl(number('f32', 'be')),
      `${value}.format: the number format "f32" cannot be read in big endian`,
    ],
    [
      'no byte order that is known',
      codamaIdl({ ...number('u16'), endian: 'pdp' }),
      `${value}.endian: must be "le" or "be", not "pdp"`,
    ],
    [
      'an encoding that is not known',
      codamaIdl({ kind: 'stringTypeNode', encoding: 'utf16' }),
      `${value}.encoding: must be utf8, base16, base58 or base64, not "utf16"`,
    ],
    [
      'a signed size',
      codamaIdl({ kind: 'sizePrefixTypeNode', type: bytes, prefix: number('i8') }),
      `${value}.prefix: must be an unsigned integer`,
    ],
    [
      'a size that is no number',
      codamaIdl({ kind: 'sizePrefixTypeNode', type: bytes, prefix: bytes }),
      `${value}.prefix: must be of the kind numberTypeNode, not "bytesTypeNode"`,
    ],
    [
      'a count that is not known',
      codamaIdl({ kind: 'arrayTypeNode', item: bytes, count: { kind: 'someCountNode' } }),
      `${value}.count: the count node "someCountNode" cannot be read`,
    ],
    ['a link without an end', codamaIdl(link), `${value}: the IDL defines no type "sample.pool"`],
    [
      'a link to a program that is not there',
      codamaIdl({ ...link, program: { kind: 'programLinkNode', name: 'other' } }),
      `${value}: the IDL defines no type "other.pool"`,
    ],
    [
      'a zeroable option of what has no one size',
      codamaIdl({ kind: 'zeroableOptionTypeNode', item: bytes }),
      `${value}: the value of this option must have one size, and has not`,
    ],
    [
      'a zero value of another size',
      codamaIdl({
        kind: 'zeroableOptionTypeNode',
        item: number('u16'),
        zeroValue: constant(number('u8'), { kind: 'numberValueNode', number: 0 }),
      }),
      `${value}: its zero value has 1 bytes, but the value has 2`,
    ],
    [
      'an end mark without bytes',
      codamaIdl({
        kind: 'sentinelTypeNode',
        type: bytes,
        sentinel: constant(bytes, { kind: 'bytesValueNode', encoding: 'base16', data: '' }),
      }),
      `${value}.sentinel: a sentinel must have bytes`,
    ],
    [
      'two variants of one discriminator',
      codamaIdl({
        kind: 'enumTypeNode',
        size: number('u8'),
        variants: [
          { kind: 'enumEmptyVariantTypeNode', name: 'a' },
          { kind: 'enumEmptyVariantTypeNode', name: 'b', discriminator: 0 },
        ],
      }),
      `${value}.variants[1]: another variant has the discriminator 0 already`,
    ],
    [
      'a variant node that is not known',
      codamaIdl({ kind: 'enumTypeNode', size: number('u8'), variants: [{ kind: 'enumOtherNode', name: 'a' }] }),
      `${value}.variants[0]: the variant node "enumOtherNode" cannot be read`,
    ],
    [
      'a field that is no field',
      codamaIdl({ kind: 'structTypeNode', fields: [number('u8')] }),
      `${value}.fields[0]: must be of the kind structFieldTypeNode, not "numberTypeNode"`,
    ],
    [
      'an account that is no account',
      instruction({ accounts: [{ kind: 'accountNode', name: 'a' }] }),
      `${at}.accounts[0]: must be of the kind instructionAccountNode, not "accountNode"`,
    ],
    [
      'a strategy that is not known',
      instruction({ optionalAccountStrategy: 'zero' }),
      `${at}.optionalAccountStrategy: must be "programId" or "omitted", not "zero"`,
    ],
    [
      'sub-instructions',
      instruction({ subInstructions: [{}] }),
      `${at}.subInstructions: sub-instructions cannot be read; list them as instructions`,
    ],
    [
      'a discriminator of no argument',
      instruction({ discriminators: [{ kind: 'fieldDiscriminatorNode', name: 'tag', offset: 0 }] }),
      `${at}.discriminators[0]: the instruction has no argument "tag"`,
    ],
    [
      'a discriminator elsewhere',
      instruction({ discriminators: [{ kind: 'fieldDiscriminatorNode', name: 'discriminator', offset: 4 }] }),
      `${at}.discriminators[0].offset: is 4, but the argument stands at byte 0`,
    ],
    [
      'a discriminator behind text',
      instruction({
        arguments: [
          { kind: 'instructionArgumentNode', name: 'memo', type: { kind: 'stringTypeNode', encoding: 'utf8' } },
          codamaTag(9),
        ],
      }),
      `${at}.discriminators[0].offset: is 0, but the argument stands after arguments of no fixed size`,
    ],
    [
      'a discriminator node that is not known',
      instruction({ discriminators: [{ kind: 'hashDiscriminatorNode' }] }),
      `${at}.discriminators[0]: the discriminator node "hashDiscriminatorNode" cannot be read`,
    ],
    [
      'a discriminator without a value',
      tagged(number('u8'), undefined),
      `${at}.arguments[0].defaultValue: must be of the kind numberValueNode, not nothing`,
    ],
    [
      'a discriminator beyond its type',
      tagged(number('u8'), { kind: 'numberValueNode', number: 256 }),
      `${at}.arguments[0].defaultValue.number: must be a whole number of 1 bytes that JSON writes exactly, not 256`,
    ],
    [
      'a discriminator that JSON cannot write',
      tagged(number('u64'), { kind: 'numberValueNode', number: 2 ** 60 }),
      `${at}.arguments[0].defaultValue.number: must be a whole number of 8 bytes that JSON writes exactly, not 1152921504606847000`,
    ],
    [
      'a discriminator of another size',
      tagged(
        { kind: 'fixedSizeTypeNode', type: bytes, size: 4 },
        { kind: 'bytesValueNode', encoding: 'base16', data: '0102' },
      ),
      `${at}.arguments[0].defaultValue: has 2 bytes, but stands in 4`,
    ],
    [
      'a discriminator in half a byte',
      tagged(bytes, { kind: 'bytesValueNode', encoding: 'base16', data: 'abc' }),
      `${at}.arguments[0].defaultValue: must be a constant of at most 1024 bytes in the encoding that it names`,
    ],
    [
      'a discriminator of a type that constants are not read of',
      tagged({ kind: 'tupleTypeNode', items: [] }, { kind: 'tupleValueNode', items: [] }),
      `${at}.arguments[0].defaultValue: constants of the type tuple cannot be read`,
    ],
  ])('%s', (_what, idl, problem) => {
    expect(problemsOf(idl)).toEqual([problem]);
  });
});
