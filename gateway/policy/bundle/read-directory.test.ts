import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentDigest } from './content-digest.ts';
import { readBundleDirectory, readDirectoryFiles } from './read-directory.ts';

const MANIFEST = {
  revision: 'r1',
  roots: [''],
  wasm: [{ entrypoint: 'countersign/main/result', module: '/policy.wasm' }],
  rego_version: 1,
};

const CONTENT = contentDigest(Buffer.from('some bytes'), Buffer.from('{"countersign":{}}'), []);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-bundle-'));
  await writeFile(join(directory, '.manifest'), JSON.stringify(MANIFEST));
  await writeFile(join(directory, 'data.json'), '{"countersign":{}}');
  await writeFile(join(directory, 'policy.wasm'), 'some bytes');
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const FILES = ['.manifest', 'data.json', 'policy.wasm'];

describe('a bundle directory', () => {
  it('is read with its revision, data and module', async () => {
    const bundle = await readBundleDirectory(directory);
    expect(bundle.revision).toBe(`r1.${CONTENT.slice(0, 16)}`);
    expect(new TextDecoder().decode(bundle.data)).toBe('{"countersign":{}}');
    expect(new TextDecoder().decode(bundle.wasm)).toBe('some bytes');
  });

  it('may itself be reached by a symbolic link', async () => {
    const link = `${directory}-link`;
    await symlink(directory, link);
    await expect(readBundleDirectory(link)).resolves.toMatchObject({ revision: `r1.${CONTENT.slice(0, 16)}` });
    await rm(link);
  });
});

describe('what lies in a bundle directory', () => {
  it('is read where it is a part, and left alone where it is none', async () => {
    const nothing = ['README.md', 'notes/todo.txt', '.git/data.json', '.DS_Store', 'scripts/build.sh'];
    const parts = ['rules/own/own.rego', 'fixtures/a.json', 'schema/data.json', '.signatures.json'];
    for (const path of [...nothing, ...parts]) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), '{}');
    }
    await symlink('/etc/passwd', join(directory, 'notes', 'link'));
    expect([...(await readDirectoryFiles(directory)).keys()]).toEqual([...FILES, ...parts].sort());
  });

  it.each(['rules/x.rego', 'fixtures/a.json', 'schema', '.signatures.json', 'patch.json'])(
    'is refused where a symbolic link stands for %s',
    async (path) => {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await symlink(join(directory, 'data.json'), join(directory, path));
      await expect(readDirectoryFiles(directory)).rejects.toThrow(`policy bundle ${directory}: ${path}: `);
    },
  );

  it('is refused when it is too much', async () => {
    await mkdir(join(directory, 'rules'));
    for (let i = 0; i < 2_000; i++) await writeFile(join(directory, 'rules', `r${i}.rego`), '');
    await expect(readDirectoryFiles(directory)).rejects.toThrow('it holds 2003 files; at most 2000 are read');
  });
});

describe('a bundle whose manifest says what its content hashes to', () => {
  const seal = (content_sha256: string) =>
    writeFile(
      join(directory, '.manifest'),
      JSON.stringify({ ...MANIFEST, metadata: { countersign: { content_sha256 } } }),
    );

  it('has exactly the revision of the manifest', async () => {
    await seal(CONTENT);
    await expect(readBundleDirectory(directory)).resolves.toMatchObject({ revision: 'r1' });
  });

  it.each(['data.json', 'policy.wasm'])('is refused when %s was changed since', async (file) => {
    await seal(CONTENT);
    await writeFile(join(directory, file), '{"countersign":{"agents":{}}}');
    await expect(readBundleDirectory(directory)).rejects.toThrow('is not what the bundle was built with');
  });
});

describe('a bundle directory is refused', () => {
  const refused = (what: string) => expect(readBundleDirectory(directory)).rejects.toThrow(what);

  it.each(FILES)('when %s is missing', async (file) => {
    await rm(join(directory, file));
    await refused(`policy bundle ${directory}: ${file}: there is no such file`);
  });

  it.each(FILES)('when %s is empty', async (file) => {
    await truncate(join(directory, file), 0);
    await refused(`${file}: it is empty`);
  });

  it.each(FILES)('when %s is larger than is read', async (file) => {
    await truncate(join(directory, file), 65 * 1024 * 1024);
    await refused(`${file}: it has 68157440 bytes; at most`);
  });

  it.each(FILES)('when %s is a symbolic link, even to a good file', async (file) => {
    await rm(join(directory, file));
    await writeFile(join(directory, 'elsewhere'), JSON.stringify(MANIFEST));
    await symlink(join(directory, 'elsewhere'), join(directory, file));
    await refused(`${file}: symbolic links are not followed`);
  });

  it.each(FILES)('when %s is a directory', async (file) => {
    await rm(join(directory, file));
    await mkdir(join(directory, file));
    await refused(`${file}: it must be a regular file`);
  });

  it('when it is a file or not there at all', async () => {
    await expect(readBundleDirectory(join(directory, 'data.json'))).rejects.toThrow('the bundle must be a directory');
    await expect(readBundleDirectory(join(directory, 'none'))).rejects.toThrow('there is no such directory');
  });

  it('when it is a delta bundle', async () => {
    await writeFile(join(directory, 'patch.json'), '{"data":[]}');
    await refused('delta bundles are not accepted');
  });

  it.each(['{', '[]', 'null', '"x"'])('when data or manifest is %s', async (text) => {
    await writeFile(join(directory, 'data.json'), text);
    await refused('data.json: it ');
    await writeFile(join(directory, '.manifest'), text);
    await refused('.manifest: it ');
  });

  it('when data is not UTF-8', async () => {
    await writeFile(join(directory, 'data.json'), Buffer.from('{"a":"\xff"}', 'latin1'));
    await refused('data.json: it is not JSON in UTF-8');
  });

  it.each<[string, object]>([
    ['no revision', { revision: undefined }],
    ['an empty revision', { revision: '' }],
    ['a revision with a newline', { revision: 'a\nb' }],
    ['roots that leave data to others', { roots: ['countersign/main'] }],
    ['no module', { wasm: [] }],
    ['two modules', { wasm: [...MANIFEST.wasm, ...MANIFEST.wasm] }],
    [
      'only the entrypoint that explains',
      { wasm: [{ ...MANIFEST.wasm[0], entrypoint: 'countersign/main/explanation' }] },
    ],
    ['another entrypoint', { wasm: [{ entrypoint: 'other', module: '/policy.wasm' }] }],
    ['a module outside', { wasm: [{ entrypoint: 'countersign/main/result', module: '/../policy.wasm' }] }],
  ])('when the manifest has %s', async (_, change) => {
    await writeFile(join(directory, '.manifest'), JSON.stringify({ ...MANIFEST, ...change }));
    await refused('.manifest: ');
  });
});
