import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_FILES } from './bundle-parts.ts';
import { readArchive } from './read-archive.ts';
import { archiveOf, pax, type SampleEntry, tarOf } from './testing/tar-samples.ts';

const FILE: SampleEntry = { name: 'data.json', content: '{}' };

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-archive-'));
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

function read(archive: Uint8Array): Record<string, string> {
  return Object.fromEntries(
    [...readArchive(archive, 'x')].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]),
  );
}

const refused = (archive: Uint8Array, what: string) => expect(() => readArchive(archive, 'x')).toThrow(what);

describe('an archive made by GNU tar', () => {
  const LONG = `countersign/rules/${'a_long_name_'.repeat(7)}/${'b'.repeat(60)}.rego`;
  const CONTENT = {
    '.manifest': '{}',
    'data.json': '{"a":1}',
    'countersign/main/main.rego': 'package x',
    [LONG]: 'package y',
  };
  let bundle: string;

  beforeAll(async () => {
    bundle = join(work, 'gnu');
    for (const [path, text] of Object.entries(CONTENT)) {
      await mkdir(dirname(join(bundle, path)), { recursive: true });
      await writeFile(join(bundle, path), text);
    }
  });

  it.each(['gnu', 'ustar', 'posix'])('in the format %s is read whole, long names too', (format) => {
    const archive = execFileSync('tar', ['-C', bundle, `--format=${format}`, '-czf', '-', '.']);
    expect(read(archive)).toEqual(CONTENT);
  });

  it('with a link, symbolic or hard, is refused', async () => {
    const linked = join(work, 'linked');
    await mkdir(linked);
    await writeFile(join(linked, 'data.json'), '{}');
    execFileSync('ln', ['-s', '/etc/passwd', join(linked, 'link.rego')]);
    refused(execFileSync('tar', ['-C', linked, '-czf', '-', '.']), 'a symbolic link is not accepted');
    await rm(join(linked, 'link.rego'));
    execFileSync('ln', [join(linked, 'data.json'), join(linked, 'hard.json')]);
    refused(execFileSync('tar', ['-C', linked, '-czf', '-', '.']), 'a hard link is not accepted');
  });

  it('is refused when it was cut off anywhere', () => {
    const archive = execFileSync('tar', ['-C', bundle, '-czf', '-', '.']);
    for (let end = 0; end < archive.length; end++) refused(archive.subarray(0, end), 'it is no whole gzip file');
  });

  it('is refused when the tar inside was cut off at any block', () => {
    const tar = execFileSync('tar', ['-C', bundle, '-cf', '-', '.']);
    const used = tar.findLastIndex((byte) => byte !== 0);
    for (let cut = 0; cut < used + 1024; cut += 512) refused(gzipSync(tar.subarray(0, cut)), 'it is cut off');
  });
});

describe('an archive made by git', () => {
  it('is read, its comment aside', async () => {
    const repository = join(work, 'repository');
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args]);
    await mkdir(repository);
    git('init', '-q');
    await writeFile(join(repository, 'data.json'), '{"a":1}');
    git('add', '.');
    git('commit', '-q', '-m', 'one');
    expect(read(git('archive', '--format=tar.gz', 'HEAD'))).toEqual({ 'data.json': '{"a":1}' });
  });
});

describe('an archive', () => {
  it('may name its files from the root or from here, and directories', () => {
    const entries = [
      { name: './', type: '5' },
      { name: '/data.json', content: '1' },
      { name: './idls/', type: '5' },
      { name: 'idls', type: '5' },
      { name: './idls/a.json', content: '2' },
      { name: 'c.rego', prefix: 'a/b', content: '3' },
    ];
    expect(read(archiveOf(entries))).toEqual({ 'data.json': '1', 'idls/a.json': '2', 'a/b/c.rego': '3' });
  });

  it('may say path and size in a pax header', () => {
    const entries = [
      { name: 'pax', type: 'x', content: pax({ mtime: '1.5', path: 'ü/data.rego', size: '3' }) },
      { name: 'other', content: 'abc', size: '00000000000\0' },
    ];
    expect(read(archiveOf(entries))).toEqual({ 'ü/data.rego': 'abc' });
  });

  it('is kept in copies, so that the whole is not kept alive by a part', () => {
    const bytes = readArchive(archiveOf([FILE]), 'x').get('data.json');
    expect(bytes?.buffer.byteLength).toBe(2);
  });
});

describe('an archive is refused', () => {
  it.each([
    '../data.json',
    'a/../data.json',
    '..',
    '/../data.json',
    '//data.json',
    '/./data.json',
    'a//b.rego',
    'a\\b.rego',
    'a/./b.rego',
    'a/',
    '',
    '.',
    'a\nb.rego',
    'a\x7fb.rego',
  ])('with a file of the path %j', (name) => {
    refused(archiveOf([{ name, content: 'x' }]), 'its path');
  });

  it.each(['../a/', '/../a', 'a//', '..'])('with a directory of the path %j', (name) => {
    refused(archiveOf([{ name, type: '5' }]), 'its path');
  });

  it('with a NUL in a path of a pax header, and with text behind a NUL in a name', () => {
    refused(archiveOf([{ name: 'p', type: 'x', content: pax({ path: 'a\0b' }) }, FILE]), 'control character');
    refused(archiveOf([{ name: 'data.json\0/../x', content: 'x' }]), 'a name goes on behind a NUL');
  });

  it.each([
    ['1', 'a hard link'],
    ['2', 'a symbolic link'],
    ['3', 'a device'],
    ['4', 'a device'],
    ['6', 'a pipe'],
    ['7', 'an entry of type "7"'],
    ['S', 'a sparse file'],
    ['K', 'a long link'],
    ['V', 'an entry of type "V"'],
    ['D', 'an entry of type "D"'],
  ])('with an entry of type %s', (type, what) => {
    refused(archiveOf([FILE, { name: 'x', type, linkName: 'data.json' }]), `${what} is not accepted`);
  });

  it.each([
    ['data.json', 'data.json'],
    ['data.json', '/data.json'],
    ['data.json', './data.json'],
    ['a.rego', 'A.rego'],
    ['caf\u00e9.rego', 'cafe\u0301.rego'],
    ['\ufb01.rego', 'fi.rego'],
    ['A/b.rego', 'a/B.rego'],
  ])('with the files %j and %j', (one, two) => {
    refused(archiveOf([{ name: one }, { name: two }]), 'another entry has the same path');
  });

  it('with something that is a file and a directory', () => {
    refused(archiveOf([{ name: 'a' }, { name: 'A/b.rego' }]), 'it lies in a file');
    refused(archiveOf([{ name: 'a/b.rego' }, { name: 'a' }]), 'another entry has the same path');
    refused(archiveOf([{ name: 'a', type: '5' }, { name: 'a' }]), 'another entry has the same path');
    refused(archiveOf([{ name: 'a' }, { name: 'a', type: '5' }]), 'another entry has the same path');
  });

  it.each([
    ['patch.json', 'delta bundles are not accepted'],
    ['a/patch.json', 'delta bundles are not accepted'],
    ['data.yaml', 'data must be JSON'],
    ['.manifest.pb', 'the manifest must be JSON'],
    ['plan.json', 'plans are not evaluated'],
    ['a/data.json', 'rename it'],
    ['a/policy.wasm', 'rename it'],
    ['x.manifest', 'rename it'],
    ['signatures.json', 'rename it'],
    ['fixtures/my-signatures.json', 'rename it'],
  ])('with %s', (name, what) => {
    refused(archiveOf([{ name }]), what);
  });

  it('when it is longer than is read, or a file of it is', () => {
    refused(new Uint8Array(64 * 1024 * 1024 + 1), 'it has 67108865 bytes; at most 67108864 are read');
    refused(
      archiveOf([{ name: '.manifest', content: Buffer.alloc(1024 * 1024 + 1) }]),
      '.manifest: it has 1048577 bytes',
    );
    refused(archiveOf([{ name: 'x', content: Buffer.alloc(2 * 1024 * 1024 + 1) }]), 'x: it has 2097153 bytes');
  });

  it('when it unpacks to more than is read, without unpacking it all', () => {
    const member = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 1 });
    const before = process.memoryUsage().arrayBuffers;
    refused(Buffer.concat(Array.from({ length: 64 }, () => member)), 'it unpacks to more than 268435456 bytes');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024 * 1024);
  });

  it('when it has too many files or entries', () => {
    const files = Array.from({ length: MOST_FILES + 1 }, (_, i) => ({ name: `f${i}` }));
    expect(readArchive(archiveOf(files.slice(1)), 'x').size).toBe(MOST_FILES);
    refused(archiveOf(files), 'it has more than 2000 files');
    refused(
      archiveOf(Array.from({ length: 4001 }, (_, i) => ({ name: `d${i}`, type: '5' }))),
      'it has more than 4000 entries',
    );
  });

  it('when anything follows its end', () => {
    refused(Buffer.concat([archiveOf([FILE]), Buffer.alloc(1)]), '1 bytes follow its end');
    refused(Buffer.concat([archiveOf([FILE]), Buffer.from('x')]), 'it is no whole gzip file');
    refused(Buffer.concat([archiveOf([FILE]), archiveOf([{ name: 'b' }])]), 'something follows its end');
    refused(gzipSync(Buffer.concat([tarOf([FILE]), Buffer.from('x')])), 'something follows its end');
  });

  it('when its end is not marked', () => {
    refused(archiveOf([FILE], new Uint8Array(0)), 'it is cut off');
    refused(archiveOf([FILE], new Uint8Array(512)), 'the mark of its end is missing');
    refused(archiveOf([{ ...FILE, size: '00000010000\0' }]), 'it is cut off in "data.json"');
  });

  it.each<[string, SampleEntry]>([
    ['no magic', { ...FILE, magic: '' }],
    ['a wrong checksum', { ...FILE, checksum: '0000001\0' }],
    ['a checksum that is no number', { ...FILE, checksum: 'xxxxxxxx' }],
    ['a size that is no number', { ...FILE, size: '0000000000x\0' }],
    ['a negative size', { ...FILE, size: '-0000000001\0' }],
    ['a binary size', { ...FILE, size: '\x80\0\0\0\0\0\0\0\0\0\0\x02' }],
    ['an empty size', { ...FILE, size: ' ' }],
  ])('when a header has %s', (_, entry) => {
    refused(archiveOf([entry]), 'the archive is refused');
  });

  it.each<[string, string]>([
    ['a link', pax({ linkpath: 'x' })],
    ['a sparse map', pax({ 'GNU.sparse.major': '1' })],
    ['another character set', pax({ hdrcharset: 'BINARY' })],
    ['a path twice', pax({ path: 'a' }) + pax({ path: 'b' })],
    ['a size that is no number', pax({ size: '-1' })],
    ['a wrong length', '99 path=a\n'],
    ['no length', 'path=a\n'],
    ['a length of nothing', '0 path=a\n'],
    ['no key', '5 =a\n'],
    ['no end of line', '8 path=ab'],
  ])('when a pax header has %s', (_, content) => {
    refused(archiveOf([{ name: 'p', type: 'x', content }, FILE]), 'pax header');
  });

  it('when a header for all files says which, when names disagree, and when a header has no file', () => {
    const header = { name: 'p', type: 'x', content: pax({ path: 'a' }) };
    const long = { name: '././@LongLink', type: 'L', magic: 'ustar  \0', content: 'b\0' };
    refused(archiveOf([{ ...header, type: 'g' }, FILE]), 'a pax header for all files says path or size');
    refused(archiveOf([header, header, FILE]), 'two pax headers for one file');
    refused(archiveOf([long, long, FILE]), 'two long names for one file');
    refused(archiveOf([header, long, FILE]), 'a long name and a pax path');
    refused(archiveOf([FILE, header]), 'it ends after a header');
    refused(archiveOf([FILE, long]), 'it ends after a header');
  });

  it('when a name is not UTF-8, or a directory has content', () => {
    refused(archiveOf([{ name: 'p', type: 'L', content: Buffer.from([0x61, 0xff, 0]) }, FILE]), 'a name is not UTF-8');
    refused(archiveOf([{ name: 'a', type: '5', content: 'x' }]), 'a directory has no content');
  });
});

describe('an archive with any one byte of a header changed', () => {
  it('is refused', () => {
    const tar = tarOf([FILE]);
    for (let at = 0; at < 512; at++) {
      const changed = Buffer.from(tar);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      refused(gzipSync(changed), 'the archive is refused');
    }
  });
});
