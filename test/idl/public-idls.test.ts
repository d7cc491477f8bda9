// Owns the proof with IDLs that are in use: what Codama's codecs write, our reader reads, from the IDL as published and as Codama's.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { knownAddress } from '../../gateway/core/base58.ts';
import { instructionJson } from '../../gateway/core/policy-input/transaction-json.ts';
import type { ArgumentValue, DecodedInstruction } from '../../gateway/core/transaction/decoded-transaction.ts';
import { describeProgram } from '../../gateway/core/transaction/idl/describe-program.ts';
import type { ProgramDescription } from '../../gateway/core/transaction/idl/program-description.ts';
import { readIdl } from '../../gateway/core/transaction/idl/read-idl.ts';
import { PUBLIC_IDLS, sourcesDigest } from '../../scripts/public-idls/directory.ts';
import { PACKAGES } from '../../scripts/public-idls/sources.ts';
import { type SeededRandom, seededRandom, seedOfRun } from '../differential/seeded-random.ts';
import { codamaRoot, type DrawnInstruction, instructionSource, NAME_MARK } from './codama-oracle.ts';

const DRAWS = 4;
const SOMEBODY = knownAddress('Vote111111111111111111111111111111111111111');
const seed = seedOfRun('public IDLs');

const PROGRAMS = PACKAGES.flatMap(({ spec, idls }) => idls.map(({ program }) => ({ program, spec })));

beforeAll(() => {
  const made = join(PUBLIC_IDLS, 'made-from');
  if (!existsSync(made) || readFileSync(made, 'utf8') !== sourcesDigest()) {
    throw new Error('the public IDLs are not there, or of other versions: run make public-idls');
  }
});

describe('public IDLs', () => {
  it('are all of the sources, and no others', () => {
    const there = readdirSync(PUBLIC_IDLS).filter((name) => name.endsWith('.json'));
    expect(there.map((name) => basename(name, '.json')).sort()).toEqual(PROGRAMS.map(({ program }) => program).sort());
  });

  describe.each(PROGRAMS)('$program of $spec', ({ program }) => {
    const read = () => JSON.parse(readFileSync(join(PUBLIC_IDLS, `${program}.json`), 'utf8'));

    it('is read whole, and every instruction says what was written', () => {
      const json = read();
      const root = codamaRoot(json, program);
      const published = describing(json, program);
      const converted = describing(JSON.parse(JSON.stringify(root)), program);
      const random = seededRandom(seed);
      const own = published.instructions.filter(({ name }) => name !== 'anchor_event');
      expect(own.map(({ name }) => squash(name))).toEqual(root.program.instructions.map(({ name }) => squash(name)));
      const decoders = [describeProgram(published), describeProgram(converted)];
      for (const instruction of root.program.instructions) {
        const draw = instructionSource(root, instruction);
        const accounts = instruction.accounts.map(() => ({ address: SOMEBODY, signer: false, writable: false }));
        const roles = instruction.accounts.map(({ name }) => squash(name));
        for (let i = 0; i < DRAWS; i++) {
          const drawn = draw(random);
          const cut = drawn.data.subarray(0, random.below(drawn.data.length));
          for (const decode of decoders) {
            const decoded = decode({ index: 0, program: knownAddress(program), accounts, data: drawn.data });
            expect(said(decoded, drawn), instruction.name).toEqual({
              name: squash(instruction.name),
              roles,
              ...expected(drawn),
            });
            expect(decode({ index: 0, program: knownAddress(program), accounts, data: cut }).kind).toBe('unknown');
            // Whatever is changed: no throw, and what is said can be written.
            const changed = decode({
              index: 0,
              program: knownAddress(program),
              accounts,
              data: mutated(drawn.data, random),
            });
            expect(() => instructionJson(changed)).not.toThrow();
          }
        }
      }
    });
  });
});

function mutated(data: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = Uint8Array.from(data);
  for (let i = random.below(4); i >= 0; i--)
    changed[random.below(changed.length)] = random.pick([0, 1, 2, 128, 255, random.below(256)]);
  return changed;
}

function describing(json: unknown, program: string): ProgramDescription {
  const read = readIdl(json, knownAddress(program));
  if (read.kind === 'refused') throw new Error(read.problems.join('\n'));
  return read.program;
}

function said(decoded: DecodedInstruction, drawn: DrawnInstruction) {
  if (decoded.kind !== 'described') return decoded;
  const { name, accounts, arguments: values, texts } = decoded;
  return {
    name: squash(name),
    roles: accounts.map(({ role }) => squash(role)),
    arguments: comparable(values, comparable(drawn.arguments)),
    texts: comparable(texts),
  };
}

function expected({ arguments: values, texts }: DrawnInstruction) {
  return { arguments: comparable(values), texts: comparable(texts) };
}

/** Codama writes camel case, and digits lose their underscore in it: names are compared without either. */
function squash(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** With keys, and names of variants, squashed. Which texts are such names is known where the value was drawn: `like` is that one. */
function comparable(value: ArgumentValue, like: unknown = value): unknown {
  if (typeof value === 'string') {
    return typeof like === 'string' && like.startsWith(NAME_MARK)
      ? NAME_MARK + squash(value.replace(NAME_MARK, ''))
      : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((inner, i) => comparable(inner, Array.isArray(like) ? like[i] : inner));
  const inLike = (key: string, inner: unknown) =>
    typeof like === 'object' && like !== null ? (Reflect.get(like, key) ?? inner) : inner;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      squash(key),
      comparable(inner, like === value ? inner : inLike(squash(key), inner)),
    ]),
  );
}
