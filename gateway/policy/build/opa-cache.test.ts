import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { madeOnce, OPA_CACHE } from './opa-cache.ts';

let folder: string;
let cache: string;
let opa: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-opa-cache-'));
  cache = await mkdtemp(join(folder, 'kept-'));
  opa = join(folder, 'opa');
  await opaOfVersion('1');
  vi.stubEnv(OPA_CACHE, cache);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function opaOfVersion(version: string): Promise<void> {
  await writeFile(opa, `#!/bin/sh\necho "Version: ${version}"\n`);
  await chmod(opa, 0o700);
}

const bytes = (text: string) => new TextEncoder().encode(text);
const question = (more: { args?: readonly string[]; files?: Record<string, string> } = {}) => ({
  opa,
  args: more.args ?? ['build'],
  files: new Map(Object.entries(more.files ?? { 'a.rego': 'package a' }).map(([path, text]) => [path, bytes(text)])),
});

/** What it gives, and whether that was made anew. */
async function ask(asked = question(), wasm = bytes('wasm')): Promise<string> {
  let made = false;
  const given = await madeOnce(asked, async () => {
    made = true;
    return wasm;
  });
  expect(Buffer.compare(given, wasm)).toBe(0);
  return made ? 'made' : 'kept';
}

describe('what opa made', () => {
  it('is not made again of the same', async () => {
    expect(await ask()).toBe('made');
    expect(await ask()).toBe('kept');
  });

  it.each<[string, () => Promise<string>]>([
    ['a file has another content', () => ask(question({ files: { 'a.rego': 'package b' } }))],
    ['a file has another name', () => ask(question({ files: { 'b.rego': 'package a' } }))],
    ['there is another file', () => ask(question({ files: { 'a.rego': 'package a', 'b.rego': '' } }))],
    ['opa is asked for something else', () => ask(question({ args: ['inspect'] }))],
    ['opa is of another version', () => opaOfVersion('2').then(() => ask())],
    ['no folder is named', () => Promise.resolve(vi.stubEnv(OPA_CACHE, undefined)).then(() => ask())],
    ['what is kept was changed', () => change((kept) => kept.fill(0x78, kept.length - 1)).then(() => ask())],
    ['what is kept was cut', () => change((kept) => kept.subarray(0, 10)).then(() => ask())],
  ])('is made again where %s', async (_, askAgain) => {
    await ask();
    expect(await askAgain()).toBe('made');
  });

  it('is not kept where it could not be made', async () => {
    const failing = madeOnce(question(), () => Promise.reject(new Error('it does not compile')));
    await expect(failing).rejects.toThrow('it does not compile');
    expect(await ask()).toBe('made');
  });

  it('is found without asking opa again for its version', async () => {
    await writeFile(opa, `#!/bin/sh\necho asked >> "${folder}/asked"\necho "Version: 1"\n`);
    await ask();
    await ask(question({ args: ['inspect'] }));
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('asked\n');
  });

  it('makes room for what is newer', async () => {
    const large = new Uint8Array(20 * 1024 * 1024);
    for (const name of ['0', '1', '2', '3']) await ask(question({ args: [name] }), large);
    expect(await readdir(cache)).toHaveLength(3);
    expect(await ask(question({ args: ['3'] }), large)).toBe('kept');
    expect(await ask(question({ args: ['0'] }), large)).toBe('made');
  });
});

async function change(how: (kept: Buffer) => Uint8Array): Promise<void> {
  const [name = ''] = await readdir(cache);
  await writeFile(join(cache, name), how(await readFile(join(cache, name))));
}
