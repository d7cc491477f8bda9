import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressFromBytes } from '../../core/base58.ts';
import { anchorIdl, newAnchorIdl, PROGRAM } from '../../core/transaction/idl/testing/idl-samples.ts';
import { TOKEN_PROGRAM } from '../../core/transaction/programs/program-ids.ts';
import { contentDigest } from './content-digest.ts';
import { describePrograms, idlFilesIn } from './idl-files.ts';
import { readDirectoryFiles } from './read-directory.ts';

const FILE = `${PROGRAM}.json`;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-idls-'));
  await mkdir(join(directory, 'idls'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const write = (name: string, content: string | Buffer) => writeFile(join(directory, 'idls', name), content);
const readIdls = async () => idlFilesIn(await readDirectoryFiles(directory), directory);
const describeAll = async () => describePrograms(directory, await readIdls());
const refused = (what: string) => expect(describeAll()).rejects.toThrow(`policy bundle ${directory}: ${what}`);

describe('the IDLs of a bundle', () => {
  it('describe the programs that they are named after', async () => {
    await write(FILE, JSON.stringify(anchorIdl('u8')));
    const described = await describeAll();
    const raw = { index: 0, program: PROGRAM, accounts: [], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) };
    expect([...described.keys()]).toEqual([PROGRAM]);
    expect(described.get(PROGRAM)?.(raw)).toMatchObject({ kind: 'described', name: 'act', arguments: { value: 9n } });
  });

  it('may be none, in an empty directory or without one', async () => {
    expect((await describeAll()).size).toBe(0);
    await rm(join(directory, 'idls'), { recursive: true });
    expect((await describeAll()).size).toBe(0);
  });

  it('are read in the order of their names, whatever the file system says', async () => {
    for (const program of ['TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb', PROGRAM, TOKEN_PROGRAM]) {
      await write(`${program}.json`, '{}');
    }
    const programs = (await readIdls()).map(({ program }) => program);
    expect(programs).toEqual([...programs].sort());
    expect(programs).toHaveLength(3);
  });
});

describe('an IDL of a bundle is refused, with its file, when', () => {
  it('it is wrong, with all places', async () => {
    const args = [
      { name: 'a', type: 'u8' },
      { name: 'b', type: { vec: 'Price' } },
      { name: 'c', type: 'u7' },
    ];
    await write(FILE, JSON.stringify(newAnchorIdl([{ name: 'act', discriminator: [1], accounts: [], args }])));
    await refused(
      `idls/${FILE}: instructions[0].args[1].type.vec: the type "Price" cannot be read\n` +
        `idls/${FILE}: instructions[0].args[2].type: the type "u7" cannot be read`,
    );
  });

  it('its program is decoded by the gateway itself', async () => {
    await write(`${TOKEN_PROGRAM}.json`, JSON.stringify({ ...anchorIdl('u8'), address: TOKEN_PROGRAM }));
    await refused(`idls/${TOKEN_PROGRAM}.json: this program is decoded by the gateway itself; it takes no IDL`);
  });

  it.each(['pool.json', 'README.md', `${PROGRAM}.txt`, `${PROGRAM}`, `1${PROGRAM}.json`, '.DS_Store'])(
    'it is called %s',
    async (name) => {
      await write(name, JSON.stringify(anchorIdl('u8')));
      await refused(`idls/${name}: a file here must be called <program id>.json`);
    },
  );

  it('it is no JSON', async () => {
    await write(FILE, '{');
    await refused(`idls/${FILE}: it is not JSON in UTF-8`);
  });

  it('it is no UTF-8', async () => {
    await write(FILE, Buffer.from('{"name":"\xff"}', 'latin1'));
    await refused(`idls/${FILE}: it is not JSON in UTF-8`);
  });

  it('it is empty, or larger than is read', async () => {
    await write(FILE, '');
    await refused(`idls/${FILE}: it is empty`);
    await truncate(join(directory, 'idls', FILE), 4 * 1024 * 1024 + 1);
    await refused(`idls/${FILE}: it has 4194305 bytes; at most 4194304 are read`);
  });

  it('it is a symbolic link, even to a good one, or a directory', async () => {
    await writeFile(join(directory, 'elsewhere'), JSON.stringify(anchorIdl('u8')));
    await symlink(join(directory, 'elsewhere'), join(directory, 'idls', FILE));
    await refused(`idls/${FILE}: symbolic links are not followed`);
    await rm(join(directory, 'idls', FILE));
    await mkdir(join(directory, 'idls', FILE));
    await refused(`idls/${FILE}: it must be a regular file`);
  });

  it('they are in a link to a directory, or in a file', async () => {
    await rm(join(directory, 'idls'), { recursive: true });
    await symlink(tmpdir(), join(directory, 'idls'));
    await refused('idls: it must be a directory');
    await rm(join(directory, 'idls'));
    await writeFile(join(directory, 'idls'), '{}');
    await refused('idls: it must be a directory');
  });

  it('they are too many, or too large together', async () => {
    const programs = Array.from({ length: 65 }, (_, i) => addressFromBytes(new Uint8Array(32).fill(i + 1)));
    for (const program of programs) await write(`${program}.json`, '{}');
    await refused('idls: it holds 65 files; at most 64 are read');
    for (const name of (await readdir(join(directory, 'idls'))).slice(0, 9)) {
      await truncate(join(directory, 'idls', name), 4 * 1024 * 1024);
    }
    for (const name of (await readdir(join(directory, 'idls'))).slice(9)) await rm(join(directory, 'idls', name));
    await refused('idls: together they may have 33554432 bytes');
  });
});

describe('what a bundle hashes to', () => {
  const [wasm, data, bytes] = ['a', 'b', 'c'].map((text) => new TextEncoder().encode(text));
  const program = PROGRAM;
  const digest = (...idls: readonly Parameters<typeof contentDigest>[2][number][]) =>
    contentDigest(wasm ?? new Uint8Array(), data ?? new Uint8Array(), idls);
  const idl = { program, bytes: bytes ?? new Uint8Array() };

  it('changes with each IDL, its bytes and its program', () => {
    const changed = [
      digest(),
      digest(idl),
      digest({ ...idl, bytes: new TextEncoder().encode('d') }),
      digest({ ...idl, program: TOKEN_PROGRAM }),
      digest(idl, { ...idl, program: TOKEN_PROGRAM }),
    ];
    expect(new Set(changed).size).toBe(changed.length);
  });

  it('does not hang on the order in which they are read', () => {
    const other = { ...idl, program: TOKEN_PROGRAM };
    expect(digest(idl, other)).toBe(digest(other, idl));
  });
});
