import { describe, expect, it } from 'vitest';
import { anchorIdl, newAnchorIdl, oldAnchorIdl, problemsOf } from './testing/idl-samples.ts';

const act = { name: 'act', discriminator: [1], accounts: [], args: [] };
const oldAct = { name: 'act', accounts: [], args: [] };
const defined = (name: string, generics: unknown = undefined) => ({ defined: { name, generics } });
const struct = (name: string, fields: unknown, more = {}) => ({ name, type: { kind: 'struct', fields }, ...more });
const enumOf = (variants: unknown) => ({ name: 'E', type: { kind: 'enum', variants } });
const deep = (levels: number): unknown => (levels === 0 ? 'u8' : { option: deep(levels - 1) });

describe('an Anchor IDL is refused for', () => {
  it.each<[string, unknown, string]>([
    ['a type that is not known', anchorIdl('u7'), 'instructions[0].args[0].type: the type "u7" cannot be read'],
    [
      'a type of a form that is not known',
      anchorIdl({ slice: 'u8' }),
      'instructions[0].args[0].type: is no type that can be read: "slice"',
    ],
    ['a type that is a number', anchorIdl(8), 'instructions[0].args[0].type: is no type that can be read: 8'],
    ['no type', anchorIdl(undefined), 'instructions[0].args[0].type: is no type that can be read: nothing'],
    [
      'a key that could change how a type is read',
      anchorIdl({ vec: 'u8', align: 8 }),
      'instructions[0].args[0].type: the key "align" is not known here; known are: vec, size',
    ],
    [
      'a type that is not defined',
      anchorIdl(defined('Pool')),
      'instructions[0].args[0].type.defined: the IDL defines no type "Pool"',
    ],
    [
      'an array without a length',
      anchorIdl({ array: ['u8'] }),
      'instructions[0].args[0].type.array: must hold a type and a length',
    ],
    [
      'an array of a length below 0',
      anchorIdl({ array: ['u8', -1] }),
      'instructions[0].args[0].type.array[1]: must be a whole number from 0 to 65536, not -1',
    ],
    [
      'an array that no instruction can hold',
      anchorIdl({ array: ['u8', 65_537] }),
      'instructions[0].args[0].type.array[1]: must be a whole number from 0 to 65536, not 65537',
    ],
    [
      'a map without values',
      anchorIdl({ hashMap: ['u8'] }),
      'instructions[0].args[0].type.hashMap: must hold the type of keys and that of values',
    ],
    [
      'a signed count',
      anchorIdl({ vec: 'u16', size: 'i32' }),
      'instructions[0].args[0].type.size: must be an unsigned number format such as "u32", not "i32"',
    ],
    [
      'types too deep in one another',
      anchorIdl(deep(33)),
      `instructions[0].args[0].type${'.option'.repeat(32)}: types within types are read to a depth of 32`,
    ],
    [
      'an option of one size of what has none',
      anchorIdl({ coption: 'string' }),
      'instructions[0].args[0].type: the value of this option must have one size, and has not',
    ],
    [
      'the same where variants differ in size',
      anchorIdl({ coption: defined('E') }, [
        enumOf([
          { name: 'A', fields: ['u8'] },
          { name: 'B', fields: ['u16'] },
        ]),
      ]),
      'instructions[0].args[0].type: the value of this option must have one size, and has not',
    ],
    [
      'the same where types contain each other twice',
      anchorIdl({ coption: defined('T') }, [
        struct('T', [defined('U'), defined('U')]),
        struct('U', [defined('T'), defined('T')]),
      ]),
      'instructions[0].args[0].type: the value of this option must have one size, and has not',
    ],
    [
      'the same where the type contains itself',
      anchorIdl(defined('T'), [struct('T', [{ name: 'again', type: { coption: defined('T') } }])]),
      'types[0].type.fields[0].type: the value of this option must have one size, and has not',
    ],
    [
      'a type in memory order',
      anchorIdl(defined('T'), [struct('T', [], { serialization: 'bytemuck' })]),
      'types[0].serialization: must be "borsh" for a type of an argument, not "bytemuck"',
    ],
    [
      'two types of one name',
      anchorIdl(defined('T'), [struct('T', []), struct('T', [])]),
      'types[1]: the type "T" stands at types[0] already',
    ],
    [
      'two fields of one name',
      anchorIdl(defined('T'), [
        struct('T', [
          { name: 'aB', type: 'u8' },
          { name: 'a_b', type: 'u8' },
        ]),
      ]),
      'types[0].type.fields[1]: the field a_b stands at types[0].type.fields[0] already',
    ],
    [
      'two variants of one name',
      anchorIdl(defined('E'), [enumOf([{ name: 'A' }, { name: 'a' }])]),
      'types[0].type.variants[1]: the variant a stands at types[0].type.variants[0] already',
    ],
    ['an enum without variants', anchorIdl(defined('E'), [enumOf([])]), 'types[0].type: an enum must have variants'],
    [
      'more variants than its tag can say',
      anchorIdl(defined('E'), [enumOf(Array.from({ length: 257 }, (_, i) => ({ name: `v${i}` })))]),
      'types[0].type.variants: has 257 elements; at most 256 are read',
    ],
    [
      'a type of no kind',
      anchorIdl(defined('T'), [{ name: 'T', type: { kind: 'union' } }]),
      'types[0].type: the kind "union" cannot be read; it must be struct, enum, type or alias',
    ],
    [
      'too few generic arguments',
      anchorIdl(defined('T'), [struct('T', [], { generics: [{ kind: 'type', name: 'U' }] })]),
      'instructions[0].args[0].type.defined: gives 0 generic arguments; types[0] has 1 parameters',
    ],
    [
      'a type parameter that is none',
      anchorIdl({ generic: 'U' }),
      'instructions[0].args[0].type.generic: "U" is no type parameter of this type',
    ],
    [
      'a constant parameter that is none',
      anchorIdl({ array: ['u8', { generic: 'N' }] }),
      'instructions[0].args[0].type.array[1]: "N" is no constant of this type',
    ],
    [
      'a generic constant that is too large',
      anchorIdl(defined('T', [{ kind: 'const', value: '65537' }]), [
        struct('T', [], { generics: [{ kind: 'const', name: 'N' }] }),
      ]),
      'instructions[0].args[0].type.defined.generics[0]: must be a type, or a constant from 0 to 65536',
    ],
    [
      'a generic type that grows without an end',
      anchorIdl(defined('T', [{ kind: 'type', type: 'u8' }]), [
        struct(
          'T',
          [{ name: 'next', type: defined('T', [{ kind: 'type', type: { vec: { option: { generic: 'U' } } } }]) }],
          { generics: [{ kind: 'type', name: 'U' }] },
        ),
      ]),
      'types[0].type.fields[0].type.defined: generic types are nested too deeply',
    ],
    [
      'two arguments of one name',
      newAnchorIdl([
        {
          ...act,
          args: [
            { name: 'a', type: 'u8' },
            { name: 'A', type: 'u8' },
          ],
        },
      ]),
      'instructions[0].args[1]: the argument a stands at instructions[0].args[0] already',
    ],
    [
      'two accounts of one name',
      newAnchorIdl([{ ...act, accounts: [{ name: 'a' }, { name: 'a' }] }]),
      'instructions[0].accounts[1]: the account a stands at instructions[0].accounts[0] already',
    ],
    [
      'an account that is called like one without a role',
      newAnchorIdl([{ ...act, accounts: [{ name: 'extra_0' }] }]),
      'instructions[0]: an account may not be called extra_0: that is what accounts without a role are called',
    ],
    [
      'an account that is called like one that is omitted',
      newAnchorIdl([{ ...act, accounts: [{ name: 'omittedFee' }] }]),
      'instructions[0]: an account may not be called omitted_fee: that is what accounts without a role are called',
    ],
    [
      'a flag that is no flag',
      newAnchorIdl([{ ...act, accounts: [{ name: 'a', optional: 'yes' }] }]),
      'instructions[0].accounts[0].optional: must be true or false, not "yes"',
    ],
    [
      'a name that is none',
      newAnchorIdl([{ ...act, name: '' }]),
      'instructions[0].name: must be a name of letters, digits and underscores, at most 128, not ""',
    ],
    [
      'a name with other characters',
      newAnchorIdl([{ ...act, name: 'act"}' }]),
      'instructions[0].name: must be a name of letters, digits and underscores, at most 128, not "act\\"}"',
    ],
    [
      'an argument without a name',
      newAnchorIdl([{ ...act, args: [{ type: 'u8' }] }]),
      'instructions[0].args[0].name: must be a text, not nothing',
    ],
    [
      'two instructions of one name',
      newAnchorIdl([act, { ...act, discriminator: [2] }]),
      'instructions[1]: the instruction act stands at instructions[0] already',
    ],
    [
      'two instructions that begin alike',
      newAnchorIdl([act, { ...act, name: 'other' }]),
      'instructions[1]: other cannot be told from act (instructions[0]): data can begin like both',
    ],
    [
      'an instruction that begins like a longer one',
      newAnchorIdl([
        { ...act, discriminator: [1, 2] },
        { ...act, name: 'other' },
      ]),
      'instructions[1]: other cannot be told from act (instructions[0]): data can begin like both',
    ],
    [
      'an empty discriminator beside another',
      newAnchorIdl([act, { ...act, name: 'other', discriminator: [] }]),
      'instructions[1]: other cannot be told from act (instructions[0]): data can begin like both',
    ],
    [
      'no discriminator',
      newAnchorIdl([{ name: 'act', accounts: [], args: [] }]),
      'instructions[0].discriminator: must be a list, not nothing',
    ],
    [
      'a discriminator that is no bytes',
      newAnchorIdl([{ ...act, discriminator: [256] }]),
      'instructions[0].discriminator[0]: must be a whole number from 0 to 255, not 256',
    ],
    ['no instructions', newAnchorIdl([]), 'instructions: the IDL describes no instruction'],
    [
      'no discriminant in an IDL of Shank',
      { ...oldAnchorIdl([oldAct]), metadata: { origin: 'shank' } },
      'instructions[0]: must have a discriminant: the IDL is of a program that is not written with Anchor',
    ],
    [
      'a discriminant of another type',
      oldAnchorIdl([{ ...oldAct, discriminant: { type: 'u64', value: 1 } }]),
      'instructions[0].discriminant.type: must be "u8", "u16" or "u32", not "u64"',
    ],
    [
      'a discriminant beyond its type',
      oldAnchorIdl([{ ...oldAct, discriminant: { type: 'u8', value: 256 } }]),
      'instructions[0].discriminant.value: must be a whole number from 0 to 255, not 256',
    ],
    [
      'a program without a name',
      { ...anchorIdl('u8'), metadata: { spec: '0.1.0' } },
      'metadata.name: must be a text, not nothing',
    ],
  ])('%s', (_what, idl, problem) => {
    expect(problemsOf(idl)).toEqual([problem]);
  });

  it('all that is wrong with it, up to twenty', () => {
    const args = Array.from({ length: 30 }, (_, i) => ({ name: `a${i}`, type: 'u7' }));
    const problems = problemsOf(newAnchorIdl([{ ...act, args }]));
    expect(problems).toHaveLength(20);
    expect(problems[1]).toBe('instructions[0].args[1].type: the type "u7" cannot be read');
  });

  it('nothing that no instruction uses', () => {
    expect(
      problemsOf(anchorIdl('u8', [struct('Unused', [{ name: 'a', type: 'u7' }], { serialization: 'bytemuck' })])),
    ).toEqual([]);
  });
});
