import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOpa } from '../build/opa.ts';
import { pathKey, pathProblem } from './bundle-parts.ts';
import { readArchive } from './read-archive.ts';
import { writeArchive } from './write-archive.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const MANIFEST = bytes('{"revision":"r1","roots":[""],"rego_version":1}');
const LONG = `${'countersign/'.repeat(8)}${'x'.repeat(90)}/rule.rego`;
const FILES = new Map([
  ['data.json', bytes('{"answer":42}')],
  ['.manifest', MANIFEST],
  [LONG, bytes('package long\n\nanswer := data.answer\n')],
  ['short.rego', bytes('package short\n\nanswer := data.answer + 1\n')],
]);

let work: string;
let archive: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-write-archive-'));
  archive = join(work, 'bundle.tar.gz');
  await writeFile(archive, writeArchive(FILES));
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

describe('an archive of a bundle', () => {
  it('is the same for the same files in any order', () => {
    expect(writeArchive(new Map([...FILES].reverse()))).toEqual(writeArchive(FILES));
    expect(writeArchive(FILES).subarray(0, 10)).toEqual(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff));
  });

  it('is listed by tar, with times of zero', () => {
    const listed = execFileSync('tar', ['-tvzPf', archive], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
    expect(
      listed
        .trim()
        .split('\n')
        .map((line) => line.replace(/^.* 1970-01-01 00:00 /, '')),
    ).toEqual([...FILES.keys()].sort().map((path) => `/${path}`));
  });

  it('is evaluated and inspected by opa', () => {
    const opa = (...args: string[]) => execFileSync(findOpa(), args, { encoding: 'utf8' });
    expect(opa('eval', '--format', 'raw', '--bundle', archive, 'data.long.answer + data.short.answer').trim()).toBe(
      '85',
    );
    expect(JSON.parse(opa('inspect', '--format', 'json', archive))).toMatchObject({ manifest: { revision: 'r1' } });
  });

  it('is not made with a path that could not be read again', () => {
    expect(() => writeArchive(new Map([['../x', bytes('')]]))).toThrow('the bundle cannot be packed: ../x');
  });

  it('holds what was put into it, whatever it is', () => {
    const path = fc
      .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }), { minLength: 1, maxLength: 3 })
      .map((parts) => `d/${parts.map((part) => `${part}-`).join('/')}`)
      .filter((text) => pathProblem(text) === null);
    const files = fc.uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 1100 })), {
      selector: ([text]) => pathKey(text).split('/')[1],
      maxLength: 6,
    });
    fc.assert(
      fc.property(files, (entries) => {
        const read = readArchive(
          writeArchive(new Map(entries.map(([name, content]) => [name, new Uint8Array(content)]))),
          'x',
        );
        expect([...read].sort()).toEqual(entries.map(([name, content]) => [name, new Uint8Array(content)]).sort());
      }),
    );
  });
});
